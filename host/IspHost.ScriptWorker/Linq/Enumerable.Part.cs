using IspHost.ScriptWorker.Metering;

namespace IspHost.ScriptWorker.Linq;

/// <summary>Parts of a sequence.</summary>
public static partial class Enumerable
{
    /// <summary>The first elements.</summary>
    public static IEnumerable<T> Take<T>(this IEnumerable<T> source, int count)
    {
        Meter.Enter();
        if (count <= 0)
            yield break;
        foreach (var item in source)
        {
            Meter.Tick();
            yield return item;
            if (--count == 0)
                yield break;
        }
    }

    /// <summary>All but the first elements.</summary>
    public static IEnumerable<T> Skip<T>(this IEnumerable<T> source, int count)
    {
        Meter.Enter();
        foreach (var item in source)
        {
            Meter.Tick();
            if (count-- <= 0)
                yield return item;
        }
    }

    /// <summary>The elements before the first that fails.</summary>
    public static IEnumerable<T> TakeWhile<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        Meter.Enter();
        foreach (var item in source)
        {
            Meter.Tick();
            if (!predicate(item))
                yield break;
            yield return item;
        }
    }

    /// <summary>The elements from the first that fails.</summary>
    public static IEnumerable<T> SkipWhile<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        Meter.Enter();
        var skipping = true;
        foreach (var item in source)
        {
            Meter.Tick();
            if (skipping && predicate(item))
                continue;
            skipping = false;
            yield return item;
        }
    }

    /// <summary>The last elements.</summary>
    public static IEnumerable<T> TakeLast<T>(this IEnumerable<T> source, int count)
    {
        var all = source.ToList();
        return all.Skip(all.Count - Math.Max(count, 0));
    }

    /// <summary>All but the last elements.</summary>
    public static IEnumerable<T> SkipLast<T>(this IEnumerable<T> source, int count)
    {
        var all = source.ToList();
        return all.Take(all.Count - Math.Max(count, 0));
    }

    /// <summary>Last to first.</summary>
    public static IEnumerable<T> Reverse<T>(this IEnumerable<T> source)
    {
        Meter.Enter();
        var all = source.ToList();
        for (var i = all.Count - 1; i >= 0; i--)
        {
            Meter.Tick();
            yield return all[i];
        }
    }

    /// <summary>Arrays of this many elements; the last may be shorter.</summary>
    public static IEnumerable<T[]> Chunk<T>(this IEnumerable<T> source, int size)
    {
        Meter.Enter();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        var chunk = new List<T>();
        foreach (var item in source)
        {
            Meter.Tick();
            chunk.Add(item);
            if (chunk.Count < size)
                continue;
            yield return chunk.ToArray();
            chunk.Clear();
        }

        if (chunk.Count > 0)
            yield return chunk.ToArray();
    }

    /// <summary>Each element once.</summary>
    public static IEnumerable<T> Distinct<T>(this IEnumerable<T> source) => source.DistinctBy(item => item);

    /// <summary>The first element of each key.</summary>
    public static IEnumerable<T> DistinctBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key)
    {
        Meter.Enter();
        var seen = new HashSet<TKey>();
        foreach (var item in source)
        {
            Meter.Tick();
            if (seen.Add(key(item)))
                yield return item;
        }
    }

    /// <summary>Each element of either sequence once.</summary>
    public static IEnumerable<T> Union<T>(this IEnumerable<T> first, IEnumerable<T> second) => first.Concat(second).Distinct();

    /// <summary>Each element of both sequences once.</summary>
    public static IEnumerable<T> Intersect<T>(this IEnumerable<T> first, IEnumerable<T> second)
    {
        var others = second.ToHashSet();
        return first.Where(others.Remove);
    }

    /// <summary>Each element of the first sequence that is not in the second, once.</summary>
    public static IEnumerable<T> Except<T>(this IEnumerable<T> first, IEnumerable<T> second)
    {
        var seen = second.ToHashSet();
        return first.Where(seen.Add);
    }
}
