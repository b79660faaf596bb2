using System.Collections.Concurrent;
using IspHost.Core.Database;
using IspHost.Core.Network;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using NodaTime;

namespace IspHost.Core.Subscribers;

/// <summary>Everybody who may go online, in memory: authentication waits for no database.</summary>
public sealed class SubscriberDirectory(SubscriberReader reader, TenantDirectory tenants, AddressBook addresses) : ISubscribers
{
    readonly ConcurrentDictionary<TenantId, TenantSubscribers> byTenant = [];

    /// <inheritdoc/>
    public Subscriber? Find(TenantId tenant, string userName)
        => byTenant.GetValueOrDefault(tenant)?.ByName.GetValueOrDefault(userName);

    /// <inheritdoc/>
    public Subscriber? Find(TenantId tenant, SubscriptionId subscription)
        => byTenant.GetValueOrDefault(tenant)?.ById.GetValueOrDefault(subscription);

    /// <summary>How many there are.</summary>
    public int Count(TenantId tenant) => byTenant.GetValueOrDefault(tenant)?.ById.Count ?? 0;

    /// <inheritdoc/>
    public async ValueTask<AddressAssignment?> AssignAddressesAsync(
        TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken)
    {
        if (Find(tenant, subscription) is not { Profile.Pool: { } pool } subscriber)
            return null;
        var assigned = await addresses.AssignAsync(tenant, subscription, pool, cancellationToken);
        if (assigned is not null)
            byTenant[tenant].Put(subscriber with { Addresses = assigned });
        return assigned;
    }

    /// <summary>Reads the subscribers again that the change concerns.</summary>
    public async Task OnChangeAsync(Change change, CancellationToken cancellationToken)
    {
        if (change is { Subject: "subscriber", Id: { } id })
            await RefreshAsync(change.Tenant, [new SubscriptionId(id)], cancellationToken);
        else if (change.Concerns("subscriber") || change.Subject == "tenant")
            await ReloadAsync(change.Tenant, cancellationToken);
    }

    /// <summary>Which contract is in force changes at midnight, and with a tenant's test clock.</summary>
    async Task ReloadAsync(TenantId which, CancellationToken cancellationToken)
    {
        foreach (var tenant in tenants.All.Where(tenant => which == default || tenant.Id == which))
        {
            var today = tenants.Today(tenant.Id);
            if (which != default && byTenant.TryGetValue(tenant.Id, out var known) && known.Day == today)
                continue;
            var loaded = new TenantSubscribers(today);
            foreach (var subscriber in await reader.ReadAsync(tenant.Id, today, null, cancellationToken))
                loaded.Put(subscriber);
            byTenant[tenant.Id] = loaded;
        }
    }

    async Task RefreshAsync(TenantId tenant, IReadOnlyCollection<SubscriptionId> ids, CancellationToken cancellationToken)
    {
        if (tenants.Find(tenant) is null)
            return;
        var known = byTenant.GetOrAdd(tenant, _ => new TenantSubscribers(tenants.Today(tenant)));
        var found = await reader.ReadAsync(tenant, tenants.Today(tenant), ids, cancellationToken);
        foreach (var gone in ids.Except(found.Select(subscriber => subscriber.Subscription)))
            known.Remove(gone);
        foreach (var subscriber in found)
            known.Put(subscriber);
    }

    sealed class TenantSubscribers(LocalDate day)
    {
        public LocalDate Day { get; } = day;
        public ConcurrentDictionary<string, Subscriber> ByName { get; } = new(StringComparer.Ordinal);
        public ConcurrentDictionary<SubscriptionId, Subscriber> ById { get; } = [];

        public void Put(Subscriber subscriber)
        {
            ById[subscriber.Subscription] = subscriber;
            ByName[subscriber.UserName] = subscriber;
        }

        public void Remove(SubscriptionId subscription)
        {
            if (ById.TryRemove(subscription, out var gone))
                ByName.TryRemove(KeyValuePair.Create(gone.UserName, gone));
        }
    }
}
