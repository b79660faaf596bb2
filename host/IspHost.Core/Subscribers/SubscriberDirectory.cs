using System.Collections.Concurrent;
using IspHost.Core.Changes;
using IspHost.Core.Network;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;

namespace IspHost.Core.Subscribers;

/// <summary>Everybody who may go online, in memory: authentication waits for no database.</summary>
/// <remarks>
/// It follows rows, not the clock: contracts that are over or yet to come are in it too, and each question takes the one of the
/// tenant's present day. Whoever reads, for whatever reason, puts what was read here, and the later reading stays.
/// </remarks>
public sealed class SubscriberDirectory(SubscriberReader reader, TenantDirectory tenants, AddressBook addresses) : ISubscribers
{
    /// <summary>How many tenants are read at once when all are: enough to keep this machine busy, and not the database.</summary>
    const int LoadedAtOnce = 4;

    readonly ConcurrentDictionary<TenantId, TenantSubscribers> byTenant = [];

    /// <inheritdoc/>
    public Subscriber? Find(TenantId tenant, string userName) => Today(tenant, byTenant.GetValueOrDefault(tenant)?.Find(userName));

    /// <inheritdoc/>
    public Subscriber? Find(TenantId tenant, SubscriptionId subscription)
        => Today(tenant, byTenant.GetValueOrDefault(tenant)?.Find(subscription));

    /// <inheritdoc/>
    public async ValueTask<Subscriber?> ReadAsync(TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken)
    {
        var reading = await reader.ReadAsync(tenant, [subscription.Value], cancellationToken);
        Put(tenant, reading);
        return Today(tenant, reading.Found.SingleOrDefault());
    }

    /// <summary>How many have a contract in force.</summary>
    public int Count(TenantId tenant)
        => byTenant.TryGetValue(tenant, out var of) ? of.All.Count(subscriber => Today(tenant, subscriber) is not null) : 0;

    /// <inheritdoc/>
    public async ValueTask<AddressAssignment?> AssignAddressesAsync(
        TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken)
    {
        if (Find(tenant, subscription) is not { Profile.Pool: { } pool })
            return null;
        var assigned = await addresses.AssignAsync(tenant, subscription, pool, cancellationToken);
        if (assigned is not null)
            Of(tenant).Give(subscription, assigned);
        return assigned;
    }

    /// <summary>Reads all subscribers of all tenants.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
        => await Parallel.ForEachAsync(
            await tenants.IdsAsync(cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = LoadedAtOnce, CancellationToken = cancellationToken },
            async (tenant, stop) => await LoadAsync(tenant, stop));

    /// <summary>Reads again what has changed.</summary>
    internal async Task FollowAsync(ChangedRows changed, CancellationToken cancellationToken)
    {
        if (changed.IsEverything)
            await LoadAsync(cancellationToken);
        else if (changed.Ids.Count == 0)
            await LoadAsync(changed.Tenant, cancellationToken);
        else
            Put(changed.Tenant, await reader.ReadAsync(changed.Tenant, changed.Ids, cancellationToken));
    }

    internal void Put(TenantId tenant, Reading reading) => Of(tenant).Put(reading);

    async Task LoadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var reading = await reader.ReadPageAsync(tenant, Guid.Empty, cancellationToken);
        Moment? begun = reading.Last is null ? null : reading.At;
        while (reading.Last is { } last)
        {
            Put(tenant, reading);
            reading = await reader.ReadPageAsync(tenant, last.Value, cancellationToken);
        }
        // What no page has had must have gone; it is asked for by name, as if its change had been announced.
        foreach (var unseen in (byTenant.GetValueOrDefault(tenant)?.Before(begun) ?? []).Chunk(SubscriberReader.PageSize))
            Put(tenant, await reader.ReadAsync(tenant, unseen, cancellationToken));
    }

    TenantSubscribers Of(TenantId tenant) => byTenant.GetOrAdd(tenant, _ => new TenantSubscribers());

    /// <summary>Nobody knows the day of a tenant whose zone is unknown: it is reported as a row that cannot be read.</summary>
    Subscriber? Today(TenantId tenant, KnownSubscriber? subscriber)
        => subscriber is null || tenants.Find(tenant) is null ? null : subscriber.On(tenants.Today(tenant));
}
