using System.Collections;
using IspHost.ScriptWorker.Metering;

namespace IspHost.ScriptWorker.Linq;

/// <summary>Order.</summary>
public static partial class Enumerable
{
    /// <summary>Smallest first; equal elements keep their order.</summary>
    public static IOrderedEnumerable<T> Order<T>(this IEnumerable<T> source) => source.OrderBy(item => item);

    /// <summary>Largest first; equal elements keep their order.</summary>
    public static IOrderedEnumerable<T> OrderDescending<T>(this IEnumerable<T> source) => source.OrderByDescending(item => item);

    /// <summary>By key, smallest first; equal elements keep their order.</summary>
    public static IOrderedEnumerable<T> OrderBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key) => source.OrderBy(key, null);

    /// <summary>By key, smallest first; equal elements keep their order.</summary>
    public static IOrderedEnumerable<T> OrderBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key, IComparer<TKey>? comparer)
        => new Ordered<T>(source, null, items => Sorted.By(items, key, comparer, 1));

    /// <summary>By key, largest first; equal elements keep their order.</summary>
    public static IOrderedEnumerable<T> OrderByDescending<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key)
        => source.OrderByDescending(key, null);

    /// <summary>By key, largest first; equal elements keep their order.</summary>
    public static IOrderedEnumerable<T> OrderByDescending<T, TKey>(
        this IEnumerable<T> source, Func<T, TKey> key, IComparer<TKey>? comparer)
        => new Ordered<T>(source, null, items => Sorted.By(items, key, comparer, -1));

    /// <summary>Then by this key, smallest first.</summary>
    public static IOrderedEnumerable<T> ThenBy<T, TKey>(this IOrderedEnumerable<T> source, Func<T, TKey> key)
        => source.ThenBy(key, null);

    /// <summary>Then by this key, smallest first.</summary>
    public static IOrderedEnumerable<T> ThenBy<T, TKey>(this IOrderedEnumerable<T> source, Func<T, TKey> key, IComparer<TKey>? comparer)
        => Then(source, items => Sorted.By(items, key, comparer, 1));

    /// <summary>Then by this key, largest first.</summary>
    public static IOrderedEnumerable<T> ThenByDescending<T, TKey>(this IOrderedEnumerable<T> source, Func<T, TKey> key)
        => source.ThenByDescending(key, null);

    /// <summary>Then by this key, largest first.</summary>
    public static IOrderedEnumerable<T> ThenByDescending<T, TKey>(
        this IOrderedEnumerable<T> source, Func<T, TKey> key, IComparer<TKey>? comparer)
        => Then(source, items => Sorted.By(items, key, comparer, -1));

    static Ordered<T> Then<T>(IOrderedEnumerable<T> source, Func<T[], Comparison<int>> order)
    {
        var before = (Ordered<T>)source;
        return new Ordered<T>(before.Source, before, order);
    }

    sealed class Ordered<T>(IEnumerable<T> source, Ordered<T>? before, Func<T[], Comparison<int>> order) : IOrderedEnumerable<T>
    {
        public IEnumerable<T> Source => source;

        public IEnumerator<T> GetEnumerator()
        {
            Meter.Enter();
            var items = source.ToArray();
            var places = Range(0, items.Length).ToArray();
            Array.Sort(places, Compare(items));
            foreach (var place in places)
            {
                Meter.Tick();
                yield return items[place];
            }
        }

        /// <summary>Keys first to last, and the place at the end, which makes the sort stable.</summary>
        Comparison<int> Compare(T[] items)
        {
            var keys = new List<Comparison<int>>();
            for (var level = this; level is not null; level = level.Before)
            {
                Meter.Tick();
                keys.Add(level.Keys(items));
            }

            keys.Reverse();
            return (a, b) =>
            {
                foreach (var key in keys)
                {
                    Meter.Tick();
                    if (key(a, b) is not 0 and var sign)
                        return sign;
                }

                return a.CompareTo(b);
            };
        }

        Ordered<T>? Before => before;

        Comparison<int> Keys(T[] items) => order(items);

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    static class Sorted
    {
        public static Comparison<int> By<T, TKey>(T[] items, Func<T, TKey> key, IComparer<TKey>? comparer, int sign)
        {
            var keys = items.Select(key).ToArray();
            comparer ??= Comparer<TKey>.Default;
            return (a, b) => sign * Math.Sign(comparer.Compare(keys[a], keys[b]));
        }
    }
}

/// <summary>A sequence in an order that <c>ThenBy</c> can refine.</summary>
public interface IOrderedEnumerable<out T> : IEnumerable<T>;
