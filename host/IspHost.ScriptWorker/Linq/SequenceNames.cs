using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Metered = IspHost.ScriptWorker.Linq.Enumerable;

/// <summary>Members of collections by the names that scripts know.</summary>
/// <remarks>
/// In no namespace, because extensions there are found before those of any namespace in scope: the base library offers methods of
/// the same names on arrays, by way of spans, and they would win over LINQ.
/// </remarks>
[SuppressMessage("Design", "CA1050", Justification = "The remarks say why.")]
public static class SequenceNames
{
    extension<T>(ImmutableArray<T> items)
    {
        /// <summary>The number of elements, by the name that read-only lists have for it.</summary>
        public int Count => items.IsDefault ? 0 : items.Length;
    }

    /// <summary>Whether there is such an element.</summary>
    public static bool Contains<T>(this T[] items, T value) => Metered.Contains(items, value);

    /// <summary>Last to first, without changing the array.</summary>
    public static IEnumerable<T> Reverse<T>(this T[] items) => Metered.Reverse(items);

    /// <summary>Whether both have equal elements in the same order.</summary>
    public static bool SequenceEqual<T>(this T[] items, IEnumerable<T> others) => Metered.SequenceEqual(items, others);
}
