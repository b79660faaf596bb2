using IspHost.Core.Catalog;
using IspHost.Core.Database;
using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Subscriptions;

/// <summary>Contract versions, for plugins.</summary>
sealed class ContractReader(TenantDatabase<IspDb> database) : IContracts
{
    public async Task<IReadOnlyList<ContractVersion>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<CustomerId> customers, LocalDate until, CancellationToken cancellationToken)
    {
        await using var db = database.Open(tenant);
        var terms = await (
            from term in db.ContractTerms.AsNoTracking()
            join subscription in db.Subscriptions on term.SubscriptionId equals subscription.Id
            join plan in db.Plans on term.PlanId equals plan.Id
            join version in db.PlanVersions on new { term.PlanId, term.PlanVersion } equals new
            {
                version.PlanId,
                PlanVersion =
                version.Version
            }
            where customers.Contains(term.CustomerId) && term.ValidFrom < until && subscription.ActivatedOn != null
            select new { term, plan.Code, version })
            .ToListAsync(cancellationToken);
        var services = terms.Select(row => row.term.SubscriptionId).Distinct().ToList();
        var holds = (await db.Holds.AsNoTracking().Where(hold => services.Contains(hold.SubscriptionId)).ToListAsync(cancellationToken))
            .ToLookup(hold => hold.SubscriptionId);

        return [.. terms
            .OrderBy(row => row.term.CustomerId.ToString(), StringComparer.Ordinal)
            .ThenBy(row => row.term.SubscriptionId.ToString(), StringComparer.Ordinal)
            .ThenBy(row => row.term.ValidFrom)
            .Select(row => ToContract(row.term, row.Code, row.version, holds[row.term.SubscriptionId], until))];
    }

    /// <summary>A hold that is still open is taken to last to the day up to which the caller looks.</summary>
    static ContractVersion ToContract(ContractTerm term, string planCode, PlanVersion version, IEnumerable<Hold> holds, LocalDate until)
        => new()
        {
            Id = term.Id,
            Subscription = term.SubscriptionId,
            Customer = term.CustomerId,
            PlanCode = planCode,
            PlanName = version.Name,
            From = term.ValidFrom,
            To = term.ValidTo,
            Holds = [.. holds
            .Where(hold => hold.StartsOn < (hold.EndsOn ?? until))
            .OrderBy(hold => hold.StartsOn)
            .Select(hold => new DateRange(hold.StartsOn, hold.EndsOn ?? until))],
            Price = version.PriceFrom(term.Anchor),
        };
}
