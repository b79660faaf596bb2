using System.Collections;
using IspHost.ScriptWorker.Metering;

namespace IspHost.ScriptWorker.Linq;

/// <summary>Groups and joins. Groups come in the order of their first elements, never in that of hash codes.</summary>
public static partial class Enumerable
{
    /// <summary>The elements by key.</summary>
    public static IEnumerable<IGrouping<TKey, T>> GroupBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key)
        => source.GroupBy(key, item => item);

    /// <summary>What becomes of the elements, by key.</summary>
    public static IEnumerable<IGrouping<TKey, TElement>> GroupBy<T, TKey, TElement>(
        this IEnumerable<T> source, Func<T, TKey> key, Func<T, TElement> element)
    {
        Meter.Enter();
        foreach (var group in Groups(source, key, element).InOrder)
        {
            Meter.Tick();
            yield return group;
        }
    }

    /// <summary>A result for each key and its elements.</summary>
    public static IEnumerable<TResult> GroupBy<T, TKey, TResult>(
        this IEnumerable<T> source, Func<T, TKey> key, Func<TKey, IEnumerable<T>, TResult> result)
        => source.GroupBy(key).Select(group => result(group.Key, group));

    /// <summary>A result for each pair with equal keys.</summary>
    public static IEnumerable<TResult> Join<TOuter, TInner, TKey, TResult>(
        this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKey, Func<TInner, TKey> innerKey,
        Func<TOuter, TInner, TResult> result)
        => outer.GroupJoin(inner, outerKey, innerKey, (item, matches) => (item, matches))
            .SelectMany(pair => pair.matches, (pair, match) => result(pair.item, match));

    /// <summary>A result for each outer element and all inner ones with its key.</summary>
    public static IEnumerable<TResult> GroupJoin<TOuter, TInner, TKey, TResult>(
        this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKey, Func<TInner, TKey> innerKey,
        Func<TOuter, IEnumerable<TInner>, TResult> result)
    {
        Meter.Enter();
        var groups = Groups(inner, innerKey, item => item);
        foreach (var item in outer)
        {
            Meter.Tick();
            yield return result(item, groups.Of(outerKey(item)));
        }
    }

    static Grouped<TKey, TElement> Groups<T, TKey, TElement>(IEnumerable<T> source, Func<T, TKey> key, Func<T, TElement> element)
    {
        var groups = new Grouped<TKey, TElement>();
        foreach (var item in source)
        {
            Meter.Tick();
            groups.Add(key(item), element(item));
        }

        return groups;
    }

    sealed class Grouped<TKey, TElement>
    {
        /// <summary>A tuple, because a dictionary takes no null as its key and a group may have it.</summary>
        readonly Dictionary<ValueTuple<TKey>, Grouping<TKey, TElement>> byKey = [];

        public List<Grouping<TKey, TElement>> InOrder { get; } = [];

        public void Add(TKey key, TElement element)
        {
            if (!byKey.TryGetValue(new(key), out var group))
            {
                byKey.Add(new(key), group = new(key));
                InOrder.Add(group);
            }

            group.Elements.Add(element);
        }

        public List<TElement> Of(TKey key) => byKey.TryGetValue(new(key), out var group) ? group.Elements : [];
    }

    sealed class Grouping<TKey, TElement>(TKey key) : IGrouping<TKey, TElement>
    {
        public TKey Key => key;

        public List<TElement> Elements { get; } = [];

        public IEnumerator<TElement> GetEnumerator() => Elements.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

/// <summary>Elements with a common key.</summary>
public interface IGrouping<out TKey, out TElement> : IEnumerable<TElement>
{
    /// <summary>What they have in common.</summary>
    TKey Key { get; }
}
