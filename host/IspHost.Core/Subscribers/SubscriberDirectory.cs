using System.Collections.Concurrent;
using IspHost.Core.Database;
using IspHost.Core.Network;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;

namespace IspHost.Core.Subscribers;

/// <summary>Everybody who may go online, in memory: authentication waits for no database.</summary>
/// <remarks>
/// It follows rows, not the clock: contracts that are over or yet to come are in it too, and each question takes the one of the
/// tenant's present day.
/// </remarks>
public sealed class SubscriberDirectory(SubscriberReader reader, TenantDirectory tenants, AddressBook addresses) : ISubscribers
{
    readonly ConcurrentDictionary<TenantId, TenantSubscribers> byTenant = [];

    /// <inheritdoc/>
    public Subscriber? Find(TenantId tenant, string userName)
        => byTenant.GetValueOrDefault(tenant)?.ByName.GetValueOrDefault(userName)?.On(tenants.Today(tenant));

    /// <inheritdoc/>
    public Subscriber? Find(TenantId tenant, SubscriptionId subscription)
        => byTenant.GetValueOrDefault(tenant)?.ById.GetValueOrDefault(subscription)?.On(tenants.Today(tenant));

    /// <inheritdoc/>
    public async ValueTask<Subscriber?> ReadAsync(TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken)
    {
        // What was read is answered, not what is in memory: an announcement that is being followed may put its older reading there.
        var found = await RefreshAsync(tenant, [subscription], cancellationToken);
        return found.SingleOrDefault()?.On(tenants.Today(tenant));
    }

    /// <summary>How many have a contract in force.</summary>
    public int Count(TenantId tenant)
    {
        var today = tenants.Today(tenant);
        return byTenant.GetValueOrDefault(tenant)?.ById.Values.Count(subscriber => subscriber.On(today) is not null) ?? 0;
    }

    /// <inheritdoc/>
    public async ValueTask<AddressAssignment?> AssignAddressesAsync(
        TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken)
    {
        if (Find(tenant, subscription) is not { Profile.Pool: { } pool })
            return null;
        var assigned = await addresses.AssignAsync(tenant, subscription, pool, cancellationToken);
        if (assigned is not null)
            byTenant[tenant].Give(subscription, assigned);
        return assigned;
    }

    /// <summary>Reads the subscribers again that the change concerns.</summary>
    public async Task OnChangeAsync(Change change, CancellationToken cancellationToken)
    {
        if (change is { Subject: "subscriber", Id: { } id })
            await RefreshAsync(change.Tenant, [new SubscriptionId(id)], cancellationToken);
        else if (change.Concerns("subscriber") || change.Subject == "tenant")
            await LoadAsync(change.Tenant, cancellationToken);
    }

    /// <summary>One tenant if it is new, or all of them, known or not.</summary>
    async Task LoadAsync(TenantId which, CancellationToken cancellationToken)
    {
        foreach (var tenant in tenants.All.Where(tenant => which == default || tenant.Id == which))
        {
            if (which != default && byTenant.ContainsKey(tenant.Id))
                continue;
            var loaded = new TenantSubscribers();
            foreach (var subscriber in await reader.ReadAsync(tenant.Id, null, cancellationToken))
                loaded.Put(subscriber);
            byTenant[tenant.Id] = loaded;
        }
    }

    async Task<IReadOnlyList<DatedSubscriber>> RefreshAsync(
        TenantId tenant, IReadOnlyCollection<SubscriptionId> ids, CancellationToken cancellationToken)
    {
        if (tenants.Find(tenant) is null)
            return [];
        var known = byTenant.GetOrAdd(tenant, _ => new TenantSubscribers());
        var found = await reader.ReadAsync(tenant, ids, cancellationToken);
        foreach (var gone in ids.Except(found.Select(subscriber => subscriber.Subscription)))
            known.Remove(gone);
        foreach (var subscriber in found)
            known.Put(subscriber);
        return found;
    }

    sealed class TenantSubscribers
    {
        public ConcurrentDictionary<string, DatedSubscriber> ByName { get; } = new(StringComparer.Ordinal);
        public ConcurrentDictionary<SubscriptionId, DatedSubscriber> ById { get; } = [];

        public void Put(DatedSubscriber subscriber)
        {
            ById[subscriber.Subscription] = subscriber;
            ByName[subscriber.UserName] = subscriber;
        }

        public void Give(SubscriptionId subscription, AddressAssignment addresses)
        {
            if (ById.TryGetValue(subscription, out var subscriber))
                Put(subscriber.With(addresses));
        }

        public void Remove(SubscriptionId subscription)
        {
            if (ById.TryRemove(subscription, out var gone))
                ByName.TryRemove(KeyValuePair.Create(gone.UserName, gone));
        }
    }
}
