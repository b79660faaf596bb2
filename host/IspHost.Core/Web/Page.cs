using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Core.Web;

/// <summary>A part of a long list.</summary>
/// <param name="Items">The part.</param>
/// <param name="Next">What to pass as <c>cursor</c> for the next part; null if this was the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

static class Page
{
    public const int MaxSize = 500;

    public static ProblemHttpResult UnknownCursor => Problems.Field("cursor", "what the page before gave as next");

    public static int Size(int limit) => Math.Clamp(limit, 1, MaxSize);

    /// <summary>A page of at most <paramref name="size"/> rows, of which one more was read to see whether the list goes on.</summary>
    public static Page<T> Of<T>(List<T> rows, int size, Func<T, string> cursor)
        => rows.Count > size
            ? new Page<T>(rows[..size], cursor(rows[size - 1]))
            : new Page<T>(rows, null);

    /// <summary>Where a list goes on that is in the order of a text which several rows may share.</summary>
    public static string Cursor(string text, Guid id) => $"{text} {id}";

    /// <summary>Reads such a place; without one, it is the place before all rows.</summary>
    public static bool TryReadCursor(string? cursor, out string text, out Guid id)
    {
        (text, id) = ("", Guid.Empty);
        if (cursor is null)
            return true;
        var space = cursor.LastIndexOf(' ');
        if (space < 0 || !Guid.TryParse(cursor.AsSpan(space + 1), out id))
            return false;
        text = cursor[..space];
        return true;
    }
}
