using System.Collections.Concurrent;
using System.Diagnostics;
using IspHost.Core.Changes;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;

namespace IspHost.Core.Subscribers;

/// <summary>The subscribers of one tenant. Anybody asks, without a lock; one at a time writes, and what was read later stays.</summary>
sealed class TenantSubscribers
{
    /// <summary>Longer than any reading takes: after that none can bring back what has gone.</summary>
    static readonly TimeSpan Remembrance = TimeSpan.FromMinutes(10);

    readonly Lock writing = new();
    // There may be ten thousand tenants, and most of them are small: the usual capacities would be tens of megabytes of nothing.
    readonly ConcurrentDictionary<string, KnownSubscriber> byName = new(concurrencyLevel: 1, capacity: 1, StringComparer.Ordinal);
    readonly ConcurrentDictionary<SubscriptionId, KnownSubscriber> byId = new(concurrencyLevel: 1, capacity: 1);
    readonly Dictionary<SubscriptionId, Moment> gone = [];
    readonly Queue<(SubscriptionId Subscription, long Since)> forgotten = [];

    public ICollection<KnownSubscriber> All => byId.Values;

    public KnownSubscriber? Find(string userName) => byName.GetValueOrDefault(userName);

    public KnownSubscriber? Find(SubscriptionId subscription) => byId.GetValueOrDefault(subscription);

    /// <summary>Takes what was read, but for rows of which a later reading has been here.</summary>
    public void Put(Reading reading)
    {
        lock (writing)
        {
            foreach (var subscription in reading.Gone)
                Remove(subscription, reading.At);
            foreach (var subscriber in reading.Found)
                Put(subscriber);
            Forget();
        }
    }

    /// <summary>Those whose last reading was before this moment; all if there is none.</summary>
    public List<Guid> Before(Moment? moment)
        => [.. byId.Values.Where(known => moment is null || known.At < moment.Value).Select(known => known.Subscription.Value)];

    /// <summary>Notes what the service has been given. The reading that the change brings about says the same.</summary>
    public void Give(SubscriptionId subscription, AddressAssignment addresses)
    {
        lock (writing)
        {
            if (byId.TryGetValue(subscription, out var known))
                Replace(known.With(addresses));
        }
    }

    void Put(KnownSubscriber subscriber)
    {
        if (byId.TryGetValue(subscriber.Subscription, out var known) && known.At > subscriber.At)
            return;
        if (gone.TryGetValue(subscriber.Subscription, out var at))
        {
            if (at > subscriber.At)
                return;
            gone.Remove(subscriber.Subscription);
        }
        Replace(subscriber);
    }

    /// <summary>A name may have passed to a new service, of which an older reading of the ended one knows nothing.</summary>
    void Replace(KnownSubscriber subscriber)
    {
        byId[subscriber.Subscription] = subscriber;
        if (!byName.TryGetValue(subscriber.UserName, out var holder) || holder.At <= subscriber.At
            || holder.Subscription == subscriber.Subscription)
            byName[subscriber.UserName] = subscriber;
    }

    void Remove(SubscriptionId subscription, Moment at)
    {
        if (byId.TryGetValue(subscription, out var known))
        {
            if (known.At > at)
                return;
            byId.TryRemove(subscription, out _);
            byName.TryRemove(KeyValuePair.Create(known.UserName, known));
        }
        if (!gone.TryGetValue(subscription, out var before) || before < at)
            gone[subscription] = at;
        forgotten.Enqueue((subscription, Stopwatch.GetTimestamp()));
    }

    void Forget()
    {
        while (forgotten.TryPeek(out var oldest) && Stopwatch.GetElapsedTime(oldest.Since) > Remembrance)
            gone.Remove(forgotten.Dequeue().Subscription);
    }
}
