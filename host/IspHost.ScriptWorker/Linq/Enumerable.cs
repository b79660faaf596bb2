using IspHost.ScriptWorker.Metering;

namespace IspHost.ScriptWorker.Linq;

/// <summary>LINQ for price scripts: the methods of <see cref="System.Linq.Enumerable"/>, each element of which costs a step.</summary>
/// <remarks>
/// The base library's loops run without any code of the script in them, so no rewriting of the script could stop them. Here each
/// iterator looks at the stack before it starts its source, and counts each element it is handed. Nothing answers in floating point.
/// </remarks>
public static partial class Enumerable
{
    /// <summary>Whole numbers from <paramref name="start"/>.</summary>
    public static IEnumerable<int> Range(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Numbers(start, count);

        static IEnumerable<int> Numbers(int start, int count)
        {
            Meter.Enter();
            for (var i = 0; i < count; i++)
            {
                Meter.Tick();
                yield return start + i;
            }
        }
    }

    /// <summary>The same element many times.</summary>
    public static IEnumerable<T> Repeat<T>(T element, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Copies(element, count);

        static IEnumerable<T> Copies(T element, int count)
        {
            Meter.Enter();
            for (var i = 0; i < count; i++)
            {
                Meter.Tick();
                yield return element;
            }
        }
    }

    /// <summary>No elements.</summary>
    public static IEnumerable<T> Empty<T>() => [];

    /// <summary>The elements that pass.</summary>
    public static IEnumerable<T> Where<T>(this IEnumerable<T> source, Func<T, bool> predicate)
        => source is T[] items ? WhereIn(items, predicate) : WhereOf(source, predicate);

    /// <summary>Usage comes as an array, and walking one through its interface would cost more than most predicates.</summary>
    static IEnumerable<T> WhereIn<T>(T[] items, Func<T, bool> predicate)
    {
        Meter.Enter();
        foreach (var item in items)
        {
            Meter.Tick();
            if (predicate(item))
                yield return item;
        }
    }

    static IEnumerable<T> WhereOf<T>(IEnumerable<T> source, Func<T, bool> predicate)
    {
        Meter.Enter();
        foreach (var item in source)
        {
            Meter.Tick();
            if (predicate(item))
                yield return item;
        }
    }

    /// <summary>The elements that pass, by element and index.</summary>
    public static IEnumerable<T> Where<T>(this IEnumerable<T> source, Func<T, int, bool> predicate)
    {
        Meter.Enter();
        var i = 0;
        foreach (var item in source)
        {
            Meter.Tick();
            if (predicate(item, i++))
                yield return item;
        }
    }

    /// <summary>What becomes of each element.</summary>
    public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector)
    {
        Meter.Enter();
        foreach (var item in source)
        {
            Meter.Tick();
            yield return selector(item);
        }
    }

    /// <summary>What becomes of each element and its index.</summary>
    public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, int, TResult> selector)
    {
        Meter.Enter();
        var i = 0;
        foreach (var item in source)
        {
            Meter.Tick();
            yield return selector(item, i++);
        }
    }

    /// <summary>The elements of what becomes of each element.</summary>
    public static IEnumerable<TResult> SelectMany<T, TResult>(this IEnumerable<T> source, Func<T, IEnumerable<TResult>> selector)
        => source.SelectMany(selector, (_, inner) => inner);

    /// <summary>A result for each pair of an element and one of its inner elements.</summary>
    public static IEnumerable<TResult> SelectMany<T, TInner, TResult>(
        this IEnumerable<T> source, Func<T, IEnumerable<TInner>> collection, Func<T, TInner, TResult> result)
    {
        Meter.Enter();
        foreach (var item in source)
        {
            Meter.Tick();
            foreach (var inner in collection(item))
            {
                Meter.Tick();
                yield return result(item, inner);
            }
        }
    }

    /// <summary>One sequence, then the other.</summary>
    public static IEnumerable<T> Concat<T>(this IEnumerable<T> first, IEnumerable<T> second)
    {
        Meter.Enter();
        foreach (var item in first)
        {
            Meter.Tick();
            yield return item;
        }

        foreach (var item in second)
        {
            Meter.Tick();
            yield return item;
        }
    }

    /// <summary>The sequence, then one more.</summary>
    public static IEnumerable<T> Append<T>(this IEnumerable<T> source, T element) => source.Concat([element]);

    /// <summary>One more, then the sequence.</summary>
    public static IEnumerable<T> Prepend<T>(this IEnumerable<T> source, T element) => new[] { element }.Concat(source);

    /// <summary>The sequence, or the default where it is empty.</summary>
    public static IEnumerable<T?> DefaultIfEmpty<T>(this IEnumerable<T> source) => source.DefaultIfEmpty(default!);

    /// <summary>The sequence, or this value where it is empty.</summary>
    public static IEnumerable<T> DefaultIfEmpty<T>(this IEnumerable<T> source, T value)
    {
        Meter.Enter();
        var none = true;
        foreach (var item in source)
        {
            Meter.Tick();
            none = false;
            yield return item;
        }

        if (none)
            yield return value;
    }

    /// <summary>Pairs of both sequences, as long as the shorter.</summary>
    public static IEnumerable<(TFirst First, TSecond Second)> Zip<TFirst, TSecond>(
        this IEnumerable<TFirst> first, IEnumerable<TSecond> second)
        => first.Zip(second, (a, b) => (a, b));

    /// <summary>A result for each pair of both sequences, as long as the shorter.</summary>
    public static IEnumerable<TResult> Zip<TFirst, TSecond, TResult>(
        this IEnumerable<TFirst> first, IEnumerable<TSecond> second, Func<TFirst, TSecond, TResult> result)
    {
        Meter.Enter();
        using var other = second.GetEnumerator();
        foreach (var item in first)
        {
            Meter.Tick();
            if (!other.MoveNext())
                yield break;
            yield return result(item, other.Current);
        }
    }
}
