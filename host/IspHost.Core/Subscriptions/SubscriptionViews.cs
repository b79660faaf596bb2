using System.Text;
using IspHost.Core.AccessLocks;
using IspHost.Core.Catalog;
using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Core.Secrets;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using Customer = IspHost.Sdk.Customers.Customer;

namespace IspHost.Core.Subscriptions;

/// <summary>What a new service is made from.</summary>
public sealed record NewSubscription
{
    /// <summary>Who pays.</summary>
    public required CustomerId Customer { get; init; }

    /// <summary>The code of the plan; its newest version is taken.</summary>
    [Code(64)]
    public required string Plan { get; init; }

    /// <summary>The login name, at most 253 octets, unique among the tenant's services that have not ended.</summary>
    [Line(253)]
    public required string UserName { get; init; }

    /// <summary>The password, at most 128 octets. It is stored encrypted and not shown again.</summary>
    [Line(128)]
    public required string Password { get; init; }

    /// <summary>Whether the service begins at once.</summary>
    public bool Activate { get; init; } = true;

    internal ProblemHttpResult? Problem() => new Login { UserName = UserName, Password = Password }.Problem();

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

/// <summary>How a service logs in.</summary>
public sealed record Login
{
    /// <inheritdoc cref="NewSubscription.UserName"/>
    [Line(253)]
    public string? UserName { get; init; }

    /// <inheritdoc cref="NewSubscription.Password"/>
    [Line(128)]
    public string? Password { get; init; }

    internal ProblemHttpResult? Problem() => new FieldRules()
        .Check("user_name", OctetsOf(UserName) <= 253, "1 to 253 octets of printable text")
        .Check("password", OctetsOf(Password) <= 128, "1 to 128 octets of printable text")
        .Problem;

    internal static bool IsText(string text, int octets)
        => text.Length > 0 && OctetsOf(text) <= octets && !text.Any(char.IsControl);

    static int OctetsOf(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(Login)} {UserName}";
}

/// <summary>What a service changes to.</summary>
public sealed record NewPlan
{
    /// <summary>The code of the plan; its newest version is taken.</summary>
    [Code(64)]
    public required string Plan { get; init; }
}

/// <summary>A lock on the access of a service.</summary>
public sealed record NewLock
{
    /// <summary>Why. A service has one lock for each reason.</summary>
    public required LockReason Reason { get; init; }

    /// <summary>What it leaves: not <c>full</c>.</summary>
    public AccessMode Mode { get; init; } = AccessMode.Blocked;

    /// <summary>For staff.</summary>
    [Line(500)]
    public string? Note { get; init; }
}

/// <summary>The lock that is to be lifted.</summary>
public sealed record OldLock
{
    /// <summary>Why it was set.</summary>
    public required LockReason Reason { get; init; }
}

/// <summary>A lock, as the API shows it.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Mode">What it leaves.</param>
/// <param name="Since">When it was set.</param>
/// <param name="Note">For staff.</param>
public sealed record LockView(LockReason Reason, AccessMode Mode, Instant Since, string? Note);

/// <summary>Terms of a service, as the API shows them.</summary>
/// <param name="Plan">The code of the plan.</param>
/// <param name="Version">Of the plan.</param>
/// <param name="From">The first day.</param>
/// <param name="To">The day after the last one; absent while they are open.</param>
public sealed record TermView(string Plan, int Version, LocalDate From, LocalDate? To);

/// <summary>What was asked for beside a thing.</summary>
/// <param name="Customer">Who pays.</param>
public sealed record IncludedView(Customer? Customer);

/// <summary>A service, as the API shows it: without its password.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Customer">Who pays.</param>
/// <param name="UserName">The login name.</param>
/// <param name="State">Where it stands.</param>
/// <param name="ActivatedOn">Its first day, where the tenant is.</param>
/// <param name="TerminatedOn">Its last day, where the tenant is.</param>
/// <param name="Terms">What it runs on and has run on, the oldest first.</param>
/// <param name="Locks">What limits its access now.</param>
/// <param name="Included">What was asked for beside it.</param>
public sealed record SubscriptionView(
    SubscriptionId Id, CustomerId Customer, string UserName, SubscriptionState State, LocalDate? ActivatedOn, LocalDate? TerminatedOn,
    IReadOnlyList<TermView> Terms, IReadOnlyList<LockView> Locks, IncludedView? Included = null)
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

    internal static async Task<List<SubscriptionView>> IncludeCustomersAsync(
        IspDb db, List<SubscriptionView> services, CancellationToken stop)
    {
        var ids = services.Select(service => service.Customer).Distinct().ToList();
        var customers = await db.Customers.AsNoTracking().Where(customer => ids.Contains(customer.Id))
            .ToDictionaryAsync(customer => customer.Id, stop);
        return services.ConvertAll(service => service with { Included = new(customers[service.Customer].AsContract()) });
    }
}
