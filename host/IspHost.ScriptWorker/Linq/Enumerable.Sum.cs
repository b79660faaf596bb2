using System.Numerics;
using IspHost.ScriptWorker.Metering;

namespace IspHost.ScriptWorker.Linq;

/// <summary>Sums and extremes. Only of exact numbers.</summary>
public static partial class Enumerable
{
    /// <summary>The sum; 0 of nothing.</summary>
    public static decimal Sum(this IEnumerable<decimal> source) => Total(source, item => item);

    /// <summary>The sum of what becomes of each element; 0 of nothing.</summary>
    public static decimal Sum<T>(this IEnumerable<T> source, Func<T, decimal> selector) => Total(source, selector);

    /// <summary>The sum; 0 of nothing.</summary>
    public static long Sum(this IEnumerable<long> source) => Total(source, item => item);

    /// <summary>The sum of what becomes of each element; 0 of nothing.</summary>
    public static long Sum<T>(this IEnumerable<T> source, Func<T, long> selector) => Total(source, selector);

    /// <summary>The sum; 0 of nothing.</summary>
    public static int Sum(this IEnumerable<int> source) => Total(source, item => item);

    /// <summary>The sum of what becomes of each element; 0 of nothing.</summary>
    public static int Sum<T>(this IEnumerable<T> source, Func<T, int> selector) => Total(source, selector);

    /// <summary>The mean.</summary>
    public static decimal Average(this IEnumerable<decimal> source)
    {
        var all = source.ToList();
        return all.Count > 0 ? all.Sum() / all.Count : throw NoElements();
    }

    /// <summary>The mean of what becomes of each element.</summary>
    public static decimal Average<T>(this IEnumerable<T> source, Func<T, decimal> selector) => source.Select(selector).Average();

    /// <summary>The smallest element.</summary>
    public static T Min<T>(this IEnumerable<T> source) => source.MinBy(item => item);

    /// <summary>The smallest of what becomes of each element.</summary>
    public static TResult Min<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector) => source.Select(selector).Min();

    /// <summary>The largest element.</summary>
    public static T Max<T>(this IEnumerable<T> source) => source.MaxBy(item => item);

    /// <summary>The largest of what becomes of each element.</summary>
    public static TResult Max<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector) => source.Select(selector).Max();

    /// <summary>The first element with the smallest key.</summary>
    public static T MinBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key) => Extreme(source, key, -1);

    /// <summary>The first element with the largest key.</summary>
    public static T MaxBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key) => Extreme(source, key, 1);

    /// <summary>Everything folded into one value.</summary>
    public static TSum Aggregate<T, TSum>(this IEnumerable<T> source, TSum seed, Func<TSum, T, TSum> step)
    {
        Meter.Enter();
        foreach (var item in source)
        {
            Meter.Tick();
            seed = step(seed, item);
        }

        return seed;
    }

    /// <summary>Everything folded into the first element.</summary>
    public static T Aggregate<T>(this IEnumerable<T> source, Func<T, T, T> step)
    {
        var all = source.ToList();
        return all.Count > 0 ? all.Skip(1).Aggregate(all[0], step) : throw NoElements();
    }

    static TSum Total<T, TSum>(IEnumerable<T> source, Func<T, TSum> selector) where TSum : struct, INumber<TSum>
    {
        Meter.Enter();
        var sum = TSum.Zero;
        foreach (var item in source)
        {
            Meter.Tick();
            sum = checked(sum + selector(item));
        }

        return sum;
    }

    static T Extreme<T, TKey>(IEnumerable<T> source, Func<T, TKey> key, int sign)
    {
        var found = false;
        var (best, bestKey) = (default(T)!, default(TKey)!);
        foreach (var item in source)
        {
            Meter.Tick();
            var itemKey = key(item);
            if (found && Math.Sign(Comparer<TKey>.Default.Compare(itemKey, bestKey)) != sign)
                continue;
            (found, best, bestKey) = (true, item, itemKey);
        }

        return found ? best : throw NoElements();
    }
}
