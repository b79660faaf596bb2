using System.Text;
using IspHost.Core.AccessLocks;
using IspHost.Core.Catalog;
using IspHost.Core.Database;
using IspHost.Core.Secrets;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Subscriptions;

/// <summary>What a new service is made from.</summary>
public sealed record NewSubscription
{
    /// <summary>Who pays.</summary>
    public required CustomerId Customer { get; init; }

    /// <summary>The code of the plan; its newest version is taken.</summary>
    public required string Plan { get; init; }

    /// <summary>The login name, 1 to 253 octets, unique among the tenant's services that have not ended.</summary>
    public required string UserName { get; init; }

    /// <summary>The password, 1 to 128 octets.</summary>
    public required string Password { get; init; }

    /// <summary>Whether the service begins at once.</summary>
    public bool Activate { get; init; } = true;

    internal ProblemHttpResult? Problem() => new FieldRules()
        .Check("user_name", IsText(UserName, 253), "1 to 253 octets of printable text")
        .Check("password", IsText(Password, 128), "1 to 128 octets of printable text")
        .Problem;

    internal static bool IsText(string text, int octets)
        => text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= octets && !text.Any(char.IsControl);

    internal Subscription ToSubscription(Vault vault, TenantId tenant)
    {
        var id = SubscriptionId.New();
        return new()
        {
            Id = id,
            CustomerId = Customer,
            UserName = UserName,
            Password = vault.Seal(SealedColumn.Password.At(tenant, id.Value), Password),
        };
    }

    internal ContractTerm ToTerm(SubscriptionId subscription, PlanVersion plan, LocalDate today) => new()
    {
        Id = ContractVersionId.New(),
        SubscriptionId = subscription,
        CustomerId = Customer,
        PlanId = plan.PlanId,
        PlanVersion = plan.Version,
        Anchor = today,
        ValidFrom = today,
    };

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(NewSubscription)} {UserName}";
}

/// <summary>The code of the plan to change to; its newest version is taken.</summary>
public sealed record NewPlan(string Plan);

/// <summary>A lock on the access of a service.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Mode">What it leaves: not <c>full</c>.</param>
/// <param name="Note">For staff.</param>
public sealed record NewLock(LockReason Reason, AccessMode Mode = AccessMode.Blocked, string? Note = null);

/// <summary>The reason whose lock is to be lifted.</summary>
public sealed record OldLock(LockReason Reason);

/// <summary>How a service stands after a change.</summary>
public sealed record LifecycleView(SubscriptionState State, AccessMode Access);

/// <summary>A lock, as the API shows it.</summary>
public sealed record LockView(LockReason Reason, AccessMode Mode, Instant Since, string? Note);

/// <summary>Terms of a service, as the API shows them.</summary>
public sealed record TermView(string Plan, int Version, LocalDate From, LocalDate? To);

/// <summary>A service, as the API shows it: without its password.</summary>
public sealed record SubscriptionView(
    SubscriptionId Id, CustomerId Customer, string UserName, SubscriptionState State, LocalDate? ActivatedOn, LocalDate? TerminatedOn,
    IReadOnlyList<TermView> Terms, IReadOnlyList<LockView> Locks)
{
    internal static SubscriptionView Of(Subscription service, IReadOnlyList<TermView> terms, IReadOnlyList<LockView> locks) => new(
        service.Id, service.CustomerId, service.UserName, service.State, service.ActivatedOn, service.TerminatedOn, terms, locks);

    internal static async Task<List<SubscriptionView>> ReadAsync(IspDb db, List<Subscription> services, CancellationToken stop)
    {
        var ids = services.ConvertAll(service => service.Id);
        var terms = await (
            from term in db.ContractTerms
            join plan in db.Plans on term.PlanId equals plan.Id
            where ids.Contains(term.SubscriptionId)
            orderby term.ValidFrom
            select new { term.SubscriptionId, View = new TermView(plan.Code, term.PlanVersion, term.ValidFrom, term.ValidTo) })
            .ToListAsync(stop);
        var locks = await db.AccessLocks
            .Where(l => ids.Contains(l.SubscriptionId))
            .Select(l => new { l.SubscriptionId, View = new LockView(l.Reason, l.Mode, l.Since, l.Note) })
            .ToListAsync(stop);
        var termsOf = terms.ToLookup(term => term.SubscriptionId, term => term.View);
        var locksOf = locks.ToLookup(held => held.SubscriptionId, held => held.View);
        return services.ConvertAll(service => Of(service, [.. termsOf[service.Id]], [.. locksOf[service.Id]]));
    }
}
