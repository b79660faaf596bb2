using System.Collections.Immutable;
using System.Runtime.InteropServices;
using IspHost.ScriptWorker.Metering;

namespace IspHost.ScriptWorker.Linq;

/// <summary>Sequences become collections.</summary>
public static partial class Enumerable
{
    /// <summary>The sequence itself.</summary>
    public static IEnumerable<T> AsEnumerable<T>(this IEnumerable<T> source) => source;

    /// <summary>A new list of the elements.</summary>
    public static List<T> ToList<T>(this IEnumerable<T> source)
    {
        Meter.Enter();
        var list = new List<T>();
        foreach (var item in source)
        {
            Meter.Tick();
            list.Add(item);
        }

        return list;
    }

    /// <summary>A new array of the elements.</summary>
    public static T[] ToArray<T>(this IEnumerable<T> source)
    {
        var list = source.ToList();
        Meter.Charge(list.Count >> 2);
        return list.ToArray();
    }

    /// <summary>A read-only array of the elements.</summary>
    public static ImmutableArray<T> ToImmutableArray<T>(this IEnumerable<T> source)
        => ImmutableCollectionsMarshal.AsImmutableArray(source.ToArray());

    /// <summary>A new set of the elements.</summary>
    public static HashSet<T> ToHashSet<T>(this IEnumerable<T> source)
    {
        Meter.Enter();
        var set = new HashSet<T>();
        foreach (var item in source)
        {
            Meter.Tick();
            set.Add(item);
        }

        return set;
    }

    /// <summary>The elements by their keys.</summary>
    public static Dictionary<TKey, T> ToDictionary<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key)
        where TKey : notnull
        => source.ToDictionary(key, item => item);

    /// <summary>Values by their keys.</summary>
    public static Dictionary<TKey, TValue> ToDictionary<T, TKey, TValue>(
        this IEnumerable<T> source, Func<T, TKey> key, Func<T, TValue> value)
        where TKey : notnull
    {
        Meter.Enter();
        var dictionary = new Dictionary<TKey, TValue>();
        foreach (var item in source)
        {
            Meter.Tick();
            dictionary.Add(key(item), value(item));
        }

        return dictionary;
    }
}
