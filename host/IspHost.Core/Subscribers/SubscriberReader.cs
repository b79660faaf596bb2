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
using NodaTime;

namespace IspHost.Core.Subscribers;

/// <summary>Puts a subscriber together from service, contract in force, locks and addresses.</summary>
public sealed class SubscriberReader(TenantDatabase<IspDb> database, Vault vault)
{
    /// <summary>The services with a contract in force on this day; with <paramref name="only"/>, those of them.</summary>
    internal async Task<IReadOnlyList<Subscriber>> ReadAsync(
        TenantId tenant, LocalDate day, IReadOnlyCollection<SubscriptionId>? only, CancellationToken cancellationToken)
    {
        await using var db = database.Open(tenant);
        var services = await ServicesAsync(db, day, only, cancellationToken);
        var plans = (await db.PlanVersions.AsNoTracking().ToListAsync(cancellationToken))
            .ToDictionary(version => (version.PlanId, version.Version), version => version.Profile);
        var locks = (await db.AccessLocks.AsNoTracking()
            .Where(l => only == null || only.Contains(l.SubscriptionId)).ToListAsync(cancellationToken)).ToLookup(l => l.SubscriptionId);
        var addresses = (await db.AssignedAddresses.AsNoTracking()
            .Where(a => only == null || only.Contains(a.SubscriptionId)).ToListAsync(cancellationToken)).ToLookup(a => a.SubscriptionId);

        return services.ConvertAll(service => new Subscriber
        {
            Subscription = service.Subscription.Id,
            UserName = service.Subscription.UserName,
            Password = vault.Open(tenant, service.Subscription.Password),
            Profile = plans[(service.PlanId, service.PlanVersion)],
            Access = Access(service.Subscription, locks[service.Subscription.Id]),
            Addresses = AddressBook.Combine([.. addresses[service.Subscription.Id]]),
        });
    }

    static async Task<List<Service>> ServicesAsync(
        IspDb db, LocalDate day, IReadOnlyCollection<SubscriptionId>? only, CancellationToken cancellationToken)
        => await (
            from subscription in db.Subscriptions.AsNoTracking()
            join term in db.ContractTerms on subscription.Id equals term.SubscriptionId
            where (only == null || only.Contains(subscription.Id)) && subscription.State != SubscriptionState.Terminated
                && term.ValidFrom <= day && (term.ValidTo == null || term.ValidTo > day)
            select new Service(subscription, term.PlanId, term.PlanVersion)).ToListAsync(cancellationToken);

    static AccessMode Access(Subscription subscription, IEnumerable<AccessLock> locks)
        => subscription.State is SubscriptionState.Active
            ? locks.Select(l => l.Mode).Append(AccessMode.Full).Max()
            : AccessMode.Blocked;

    sealed record Service(Subscription Subscription, PlanId PlanId, int PlanVersion);
}
