using IspHost.Core.AccessLocks;
using IspHost.Core.Catalog;
using IspHost.Core.Database;
using IspHost.Core.Network;
using IspHost.Core.Secrets;
using IspHost.Core.Subscriptions;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Subscribers;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Subscribers;

/// <summary>Puts a subscriber together from service, contracts, locks and addresses.</summary>
public sealed class SubscriberReader(TenantDatabase<IspDb> database, Vault vault)
{
    /// <summary>The services that have not ended; with <paramref name="only"/>, those of them.</summary>
    internal async Task<IReadOnlyList<DatedSubscriber>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<SubscriptionId>? only, CancellationToken cancellationToken)
    {
        await using var db = database.Open(tenant);
        var services = await db.Subscriptions.AsNoTracking()
            .Where(s => (only == null || only.Contains(s.Id)) && s.State != SubscriptionState.Terminated).ToListAsync(cancellationToken);
        var terms = (await db.ContractTerms.AsNoTracking()
            .Where(t => only == null || only.Contains(t.SubscriptionId)).ToListAsync(cancellationToken)).ToLookup(t => t.SubscriptionId);
        var plans = (await db.PlanVersions.AsNoTracking().ToListAsync(cancellationToken))
            .ToDictionary(version => (version.PlanId, version.Version), version => version.Profile);
        var locks = (await db.AccessLocks.AsNoTracking()
            .Where(l => only == null || only.Contains(l.SubscriptionId)).ToListAsync(cancellationToken)).ToLookup(l => l.SubscriptionId);
        var addresses = (await db.AssignedAddresses.AsNoTracking()
            .Where(a => only == null || only.Contains(a.SubscriptionId)).ToListAsync(cancellationToken)).ToLookup(a => a.SubscriptionId);

        return [.. services.Where(service => terms.Contains(service.Id)).Select(service => ToDated(
            service, vault.Open(tenant, service.Password), terms[service.Id], plans, Access(service, locks[service.Id]),
            AddressBook.Combine([.. addresses[service.Id]])))];
    }

    static DatedSubscriber ToDated(
        Subscription service, string password, IEnumerable<ContractTerm> terms,
        Dictionary<(PlanId, int), AccessProfile> plans, AccessMode access, AddressAssignment? addresses)
        => new([.. terms.Select(term => new DatedSubscriber.Term(term.ValidFrom, term.ValidTo, new Subscriber
        {
            Subscription = service.Id,
            UserName = service.UserName,
            Password = password,
            Profile = plans[(term.PlanId, term.PlanVersion)],
            Access = access,
            Addresses = addresses,
        }))]);

    static AccessMode Access(Subscription subscription, IEnumerable<AccessLock> locks)
        => subscription.State is SubscriptionState.Active
            ? locks.Select(l => l.Mode).Append(AccessMode.Full).Max()
            : AccessMode.Blocked;
}
