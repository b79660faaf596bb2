namespace IspHost.Core.Web;

/// <summary>A part of a long list.</summary>
/// <param name="Items">The part.</param>
/// <param name="Next">What to pass as <c>cursor</c> for the next part; null if this was the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

static class Page
{
    public const int MaxSize = 500;

    public static int Size(int limit) => Math.Clamp(limit, 1, MaxSize);

    /// <summary>A page of at most <paramref name="size"/> rows, of which one more was read to see whether the list goes on.</summary>
    public static Page<T> Of<T>(List<T> rows, int size, Func<T, string> cursor)
        => rows.Count > size
            ? new Page<T>(rows[..size], cursor(rows[size - 1]))
            : new Page<T>(rows, null);
}
