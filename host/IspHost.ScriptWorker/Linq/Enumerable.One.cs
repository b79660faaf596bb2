using IspHost.ScriptWorker.Metering;

namespace IspHost.ScriptWorker.Linq;

/// <summary>One element, or one answer about all.</summary>
public static partial class Enumerable
{
    /// <summary>Whether there is an element.</summary>
    public static bool Any<T>(this IEnumerable<T> source)
    {
        Meter.Enter();
        foreach (var _ in source)
            return true;
        return false;
    }

    /// <summary>Whether an element passes.</summary>
    public static bool Any<T>(this IEnumerable<T> source, Func<T, bool> predicate) => source.Where(predicate).Any();

    /// <summary>Whether all elements pass.</summary>
    public static bool All<T>(this IEnumerable<T> source, Func<T, bool> predicate) => !source.Any(item => !predicate(item));

    /// <summary>How many elements there are.</summary>
    public static int Count<T>(this IEnumerable<T> source)
    {
        Meter.Enter();
        if (source is ICollection<T> all)
            return all.Count;
        var count = 0;
        foreach (var _ in source)
        {
            Meter.Tick();
            count++;
        }

        return count;
    }

    /// <summary>How many elements pass.</summary>
    public static int Count<T>(this IEnumerable<T> source, Func<T, bool> predicate) => source.Where(predicate).Count();

    /// <summary>How many elements there are.</summary>
    public static long LongCount<T>(this IEnumerable<T> source) => source.Count();

    /// <summary>Whether there is such an element.</summary>
    public static bool Contains<T>(this IEnumerable<T> source, T value)
        => source.Any(item => EqualityComparer<T>.Default.Equals(item, value));

    /// <summary>Whether both have equal elements in the same order.</summary>
    public static bool SequenceEqual<T>(this IEnumerable<T> first, IEnumerable<T> second)
    {
        var (left, right) = (first.ToList(), second.ToList());
        return left.Count == right.Count && left.Zip(right).All(pair => EqualityComparer<T>.Default.Equals(pair.First, pair.Second));
    }

    /// <summary>The first element.</summary>
    public static T First<T>(this IEnumerable<T> source)
    {
        Meter.Enter();
        foreach (var item in source)
            return item;
        throw NoElements();
    }

    /// <summary>The first element that passes.</summary>
    public static T First<T>(this IEnumerable<T> source, Func<T, bool> predicate) => source.Where(predicate).First();

    /// <summary>The first element, or the default.</summary>
    public static T? FirstOrDefault<T>(this IEnumerable<T> source) => source.FirstOrDefault(default(T)!);

    /// <summary>The first element, or this value.</summary>
    public static T FirstOrDefault<T>(this IEnumerable<T> source, T value)
    {
        Meter.Enter();
        foreach (var item in source)
            return item;
        return value;
    }

    /// <summary>The first element that passes, or the default.</summary>
    public static T? FirstOrDefault<T>(this IEnumerable<T> source, Func<T, bool> predicate) => source.Where(predicate).FirstOrDefault();

    /// <summary>The last element.</summary>
    public static T Last<T>(this IEnumerable<T> source)
    {
        var all = source.ToList();
        return all.Count > 0 ? all[^1] : throw NoElements();
    }

    /// <summary>The last element that passes.</summary>
    public static T Last<T>(this IEnumerable<T> source, Func<T, bool> predicate) => source.Where(predicate).Last();

    /// <summary>The last element, or the default.</summary>
    public static T? LastOrDefault<T>(this IEnumerable<T> source)
    {
        var all = source.ToList();
        return all.Count > 0 ? all[^1] : default;
    }

    /// <summary>The last element that passes, or the default.</summary>
    public static T? LastOrDefault<T>(this IEnumerable<T> source, Func<T, bool> predicate) => source.Where(predicate).LastOrDefault();

    /// <summary>The only element.</summary>
    public static T Single<T>(this IEnumerable<T> source)
        => source.Take(2).ToList() is [var only] ? only : throw new InvalidOperationException("There is not exactly one element.");

    /// <summary>The only element that passes.</summary>
    public static T Single<T>(this IEnumerable<T> source, Func<T, bool> predicate) => source.Where(predicate).Single();

    /// <summary>The only element, or the default where there is none.</summary>
    public static T? SingleOrDefault<T>(this IEnumerable<T> source)
    {
        var all = source.Take(2).ToList();
        return all.Count == 0 ? default : all.Single();
    }

    /// <summary>The only element that passes, or the default where none does.</summary>
    public static T? SingleOrDefault<T>(this IEnumerable<T> source, Func<T, bool> predicate) => source.Where(predicate).SingleOrDefault();

    /// <summary>The element at this index.</summary>
    public static T ElementAt<T>(this IEnumerable<T> source, int index)
        => index < 0 ? throw new ArgumentOutOfRangeException(nameof(index)) : source.Skip(index).First();

    /// <summary>The element at this index, or the default.</summary>
    public static T? ElementAtOrDefault<T>(this IEnumerable<T> source, int index)
        => index < 0 ? default : source.Skip(index).FirstOrDefault();

    static InvalidOperationException NoElements() => new("There is no element.");
}
