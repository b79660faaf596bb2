using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;

namespace IspHost.Sdk.Web;

/// <summary>A part of a long list.</summary>
/// <param name="Items">The part.</param>
/// <param name="Next">What to pass as <c>cursor</c> for the next part; absent if this was the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>How lists are given in parts. Their endpoints take <c>[Cursor] string? cursor</c> and <c>[Limit] int limit</c>.</summary>
public static class Page
{
    /// <summary>How many items a page has if nobody says.</summary>
    public const int DefaultSize = 50;

    /// <summary>How many it has at most.</summary>
    public const int MaxSize = 500;

    /// <summary>A page of at most <paramref name="size"/> rows, of which one more was read to see whether the list goes on.</summary>
    /// <param name="rows">At most <paramref name="size"/> and one.</param>
    /// <param name="size">What the caller asked for.</param>
    /// <param name="cursor">Where the list goes on after a row: made by <see cref="Cursor.Of"/>.</param>
    public static Page<T> Of<T>(IReadOnlyList<T> rows, int size, Func<T, string> cursor)
        => rows.Count > size
            ? new Page<T>([.. rows.Take(size)], cursor(rows[size - 1]))
            : new Page<T>(rows, null);

    /// <summary>A page of what is at hand as a whole.</summary>
    /// <param name="all">All of it.</param>
    /// <param name="list">The list's name, as for a <see cref="Cursor"/>.</param>
    /// <param name="cursor">As the caller gave it.</param>
    /// <param name="limit">What the caller asked for.</param>
    /// <param name="key">A text by which the list is ordered, another for each item.</param>
    /// <param name="page">The page.</param>
    /// <returns>False if the cursor is no place in the list: answer <see cref="Cursor.Unknown"/>.</returns>
    public static bool TryTake<T>(
        IEnumerable<T> all, string list, string? cursor, int limit, Func<T, string> key, [NotNullWhen(true)] out Page<T>? page)
    {
        page = null;
        if (!Cursor.TryRead(cursor, list, out string? after))
            return false;
        var rows = all.Select(item => (Item: item, Key: key(item))).OrderBy(row => row.Key, StringComparer.Ordinal)
            .Where(row => after is null || string.CompareOrdinal(row.Key, after) > 0).Take(limit + 1).ToList();
        page = Of(rows, limit, row => Cursor.Of(list, row.Key)).Select(row => row.Item);
        return true;
    }

    /// <summary>The same page of what is shown of its items.</summary>
    public static Page<TView> Select<T, TView>(this Page<T> page, Func<T, TView> view)
        => new([.. page.Items.Select(view)], page.Next);
}

/// <summary>Stands on the parameter <c>limit</c> of a list: how many items a page has at most.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class LimitAttribute() : RangeAttribute(1, Page.MaxSize);

/// <summary>Stands on the parameter <c>cursor</c> of a list.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class CursorAttribute : StringLengthAttribute
{
    /// <summary>Long enough for every place.</summary>
    public CursorAttribute() : base(2000) => MinimumLength = 1;
}
