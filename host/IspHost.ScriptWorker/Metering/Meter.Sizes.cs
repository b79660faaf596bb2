using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace IspHost.ScriptWorker.Metering;

/// <summary>Sizes: what is about to be allocated, and what the base library is about to walk through.</summary>
public static partial class Meter
{
    /// <summary>Steps of the meter that one character of a text costs, as a shift: comparing and copying are fast.</summary>
    const int TextShift = 5;

    /// <summary>The length of a new array or the capacity of a new list, refused before memory is asked for.</summary>
    public static int Length(int length, int elementBytes)
    {
        if (length > 0 && (long)length * elementBytes > ceiling - GC.GetAllocatedBytesForCurrentThread())
            throw TooMuch();
        Charge(Math.Max(length, 0) >> TextShift);
        return length;
    }

    /// <summary>The width of a text that is about to be made.</summary>
    public static int Width(int characters)
    {
        if (characters > longestText)
            throw TooMuch();
        Charge(Math.Max(characters, 0) >> TextShift);
        return characters;
    }

    /// <summary>A text that was just made. Its bound also bounds what searching it can cost.</summary>
    public static string? Text(string? text)
    {
        if (text is null)
            return text;
        if (text.Length > longestText)
            throw TooMuch();
        Charge(1 + (text.Length >> TextShift));
        return text;
    }

    /// <summary>A text that the base library is about to read.</summary>
    public static string? On(string? text)
    {
        if (text is not null)
            Charge(text.Length >> TextShift);
        return text;
    }

    /// <summary>An array that the base library is about to walk.</summary>
    public static T[]? On<T>(T[]? items) => Counted(items, items?.Length ?? 0);

    /// <summary>A list that the base library is about to walk.</summary>
    public static List<T>? On<T>(List<T>? items) => Counted(items, items?.Count ?? 0);

    /// <summary>A set that the base library is about to walk.</summary>
    public static HashSet<T>? On<T>(HashSet<T>? items) => Counted(items, items?.Count ?? 0);

    /// <summary>A dictionary that the base library is about to walk.</summary>
    public static Dictionary<TKey, TValue>? On<TKey, TValue>(Dictionary<TKey, TValue>? items)
        where TKey : notnull
        => Counted(items, items?.Count ?? 0);

    /// <summary>A sequence that the base library is about to walk: what is no collection counts its own steps.</summary>
    public static IEnumerable<T>? On<T>(IEnumerable<T>? items) => Counted(items, items is ICollection<T> all ? all.Count : 0);

    /// <summary>A read-only array as a sequence, without the box.</summary>
    public static IEnumerable<T> Read<T>(ImmutableArray<T> items) => ImmutableCollectionsMarshal.AsArray(items) ?? [];

    /// <summary>A read-only array of these items, which nobody else may hold.</summary>
    public static ImmutableArray<T> Frozen<T>(T[] items) => ImmutableCollectionsMarshal.AsImmutableArray(items);

    static T? Counted<T>(T? items, int count)
    {
        Charge(count >> 2);
        return items;
    }
}
