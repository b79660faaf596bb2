using System.ComponentModel.DataAnnotations;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Web;
using IspHost.Core.Zones;
using IspHost.Sdk;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Tenants;

/// <summary>Tenants, for the operator.</summary>
public static class TenantEndpoints
{
    /// <summary>Maps <c>/tenants</c>.</summary>
    public static void MapTenants(this IEndpointRouteBuilder api)
    {
        var tenants = api.MapGroup("/tenants").InChapter("Tenants", "The providers of this installation.").ForOperators();

        tenants.MapPost("/", Create).Refuses(Exists)
            .Documented("createTenant", "Create a tenant", "Adds a provider. Its code, currency and time zone stay for ever.");
        tenants.MapGet("/", List).Documented("listTenants", "List tenants", "All providers of this installation, by code.");
        tenants.MapGet("/{code}", Get).Documented("getTenant", "Get a tenant", "One provider, by its code.");
        tenants.MapPatch("/{code}", Change).Documented(
            "changeTenant", "Change a tenant",
            "What stands on its invoices from now on, and who computes its taxes. Issued invoices stay.");
        tenants.MapPut("/{code}/clock", SetClock).Refuses(ClockGoesBack).Documented(
            "setTenantClock", "Set a tenant's test clock",
            "Lets a provider that tries things out live at another time. Its clock stands there until it is set again.");
        tenants.MapDelete("/{code}/clock", RemoveClock).Refuses(ClockGoesBack).Documented(
            "removeTenantClock", "Return a tenant to the present", "Ends its test clock, if that is not ahead of the present.");
    }

    static readonly ProblemType Exists = new(
        "tenant-exists", StatusCodes.Status409Conflict, "Conflict", "There is a tenant with this code already. No code is given twice.");

    internal static readonly ProblemType ClockGoesBack = new(
        "clock-goes-back", StatusCodes.Status409Conflict, "Conflict",
        "A test clock only goes forward: what was billed at a later time could not be undone.");

    static async Task<Results<Created<TenantView>, ProblemHttpResult>> Create(
        NewTenant request, IDbContextFactory<HostDb> host, TenantDirectory directory, ZoneRules rules, Taxability taxability, IClock clock,
        ICurrentTenant current, Answers answers, CancellationToken stop)
    {
        if (request.Problem(rules) is { } problem)
            return problem;
        var tenant = request.ToAccount(rules);
        if (await taxability.FindObjectionAsync(tenant.AsTenant(rules), null, clock.GetCurrentInstant(), stop) is { } refused)
            return Problems.Refused(refused.Field == "seller.country" ? "country" : refused.Field, refused.Reason);

        await using var db = await host.CreateDbContextAsync(stop);
        db.Tenants.Add(tenant);
        db.Audit(current.Actor, "tenant.create", $"tenant/{tenant.Code}", new { tenant.Id });
        var created = TypedResults.Created($"/api/v1/tenants/{tenant.Code}", TenantView.Of(tenant));
        if (await answers.TrySaveAsync(db, created, stop) is SaveOutcome.Duplicate)
            return Problems.Of(Exists, $"There is a tenant '{request.Code}' already.");

        await directory.ReadAsync(tenant.Id, stop);
        return created;
    }

    static async Task<Results<Ok<Page<TenantView>>, ProblemHttpResult>> List(
        IDbContextFactory<HostDb> host, CancellationToken stop, [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "tenants", out string? after))
            return Cursor.Unknown;
        await using var db = await host.CreateDbContextAsync(stop);
        var tenants = await db.Tenants.AsNoTracking()
            .Where(tenant => after == null || string.Compare(tenant.Code, after) > 0)
            .OrderBy(tenant => tenant.Code)
            .Take(limit + 1)
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(tenants, limit, tenant => Cursor.Of("tenants", tenant.Code)).Select(TenantView.Of));
    }

    static async Task<Results<Ok<TenantView>, NotFound>> Get(string code, IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        return await db.Tenants.AsNoTracking().SingleOrDefaultAsync(tenant => tenant.Code == code, stop) is { } tenant
            ? TypedResults.Ok(TenantView.Of(tenant))
            : TypedResults.NotFound();
    }

    static async Task<Results<Ok<TenantView>, NotFound, ProblemHttpResult>> Change(
        string code, MergePatch<TenantDetails> request, IfMatch ifMatch, IDbContextFactory<HostDb> host, TenantDirectory directory,
        ZoneRules rules, Taxability taxability, IClock clock, ICurrentTenant current, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.Tenants.SingleOrDefaultAsync(tenant => tenant.Code == code, stop) is not { } tenant)
            return TypedResults.NotFound();
        if (ifMatch.IsMissedBy(TenantView.Of(tenant)))
            return Refusals.Of(Refusals.PreconditionFailed);
        request.ApplyTo(TenantDetails.Of(tenant)).ApplyTo(tenant);
        if (await taxability.FindObjectionAsync(tenant.AsTenant(rules), null, clock.GetCurrentInstant(), stop) is { } refused)
            return Problems.Refused(refused.Field == "seller.country" ? "country" : refused.Field, refused.Reason);
        db.Audit(current.Actor, "tenant.change", $"tenant/{tenant.Code}");
        if (await db.TrySaveAsync(stop) is not SaveOutcome.Saved)
            return Refusals.Of(Refusals.ChangedMeanwhile);
        await directory.ReadAsync(tenant.Id, stop);
        return TypedResults.Ok(TenantView.Of(tenant));
    }

    static Task<Results<Ok<TenantView>, NotFound, ProblemHttpResult>> SetClock(
        string code, ClockTime request, IfMatch ifMatch, TenantClocks clocks, CancellationToken stop)
        => clocks.SetAsync(code, request.Now, ifMatch, stop);

    static Task<Results<Ok<TenantView>, NotFound, ProblemHttpResult>> RemoveClock(
        string code, IfMatch ifMatch, TenantClocks clocks, CancellationToken stop)
        => clocks.SetAsync(code, null, ifMatch, stop);
}

/// <summary>What a new tenant is made from.</summary>
public sealed record NewTenant
{
    /// <summary>By which it is named everywhere, for ever.</summary>
    [Code(32)]
    public required string Code { get; init; }

    /// <summary>In which it sells: ISO 4217.</summary>
    public required Currency Currency { get; init; }

    /// <summary>An IANA time zone, such as <c>Europe/Athens</c>: its days and months begin there.</summary>
    [Line(64)]
    public required string Zone { get; init; }

    /// <summary>The name on invoices; the code if none is given.</summary>
    [Line(200)]
    public string? LegalName { get; init; }

    /// <summary>The postal address on invoices, line by line.</summary>
    [MaxLength(6), Line(100)]
    public string[] Address { get; init; } = [];

    /// <summary>The VAT or sales tax number.</summary>
    [TaxNumber]
    public string? TaxNumber { get; init; }

    /// <summary>ISO 3166 alpha-2; the country of the zone if none is given.</summary>
    [Country]
    public string? Country { get; init; }

    /// <summary>The extension that computes taxes.</summary>
    [Code(64)]
    public string TaxEngine { get; init; } = "vat";

    internal ProblemHttpResult? Problem(ZoneRules rules) => new FieldRules()
        .Check("zone", rules.Zones.GetZoneOrNull(Zone) is not null, "an IANA time zone, such as Europe/Athens")
        .Check("country", CountryBy(rules) is not null, "given: the time zone does not say it")
        .Problem;

    internal TenantAccount ToAccount(ZoneRules rules) => new()
    {
        Id = TenantId.New(),
        Code = Code,
        LegalName = LegalName ?? Code,
        Address = Address,
        TaxNumber = TaxNumber,
        Country = CountryBy(rules)!,
        Currency = Currency,
        Zone = Zone,
        TaxEngine = TaxEngine,
    };

    string? CountryBy(ZoneRules rules) => Country ?? rules.CountryOf(Zone);
}

/// <summary>What can be changed of a tenant: what stands on its invoices from then on, and who computes its taxes.</summary>
public sealed record TenantDetails
{
    /// <summary>The name on invoices.</summary>
    [Line(200)]
    public required string LegalName { get; init; }

    /// <inheritdoc cref="NewTenant.Address"/>
    [MaxLength(6), Line(100)]
    public string[] Address { get; init; } = [];

    /// <inheritdoc cref="NewTenant.TaxNumber"/>
    [TaxNumber]
    public string? TaxNumber { get; init; }

    /// <summary>ISO 3166 alpha-2.</summary>
    [Country]
    public required string Country { get; init; }

    /// <inheritdoc cref="NewTenant.TaxEngine"/>
    [Code(64)]
    public required string TaxEngine { get; init; }

    internal static TenantDetails Of(TenantAccount tenant) => new()
    {
        LegalName = tenant.LegalName,
        Address = tenant.Address,
        TaxNumber = tenant.TaxNumber,
        Country = tenant.Country,
        TaxEngine = tenant.TaxEngine,
    };

    internal void ApplyTo(TenantAccount tenant)
        => (tenant.LegalName, tenant.Address, tenant.TaxNumber, tenant.Country, tenant.TaxEngine)
            = (LegalName, Address, TaxNumber, Country, TaxEngine);
}

/// <summary>A tenant, as the API shows it.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Code">By which it is named.</param>
/// <param name="LegalName">The name on invoices.</param>
/// <param name="Address">The postal address on invoices, line by line.</param>
/// <param name="TaxNumber">The VAT or sales tax number.</param>
/// <param name="Country">ISO 3166 alpha-2.</param>
/// <param name="Currency">In which it sells: ISO 4217.</param>
/// <param name="Zone">Its time zone.</param>
/// <param name="TaxEngine">The extension that computes its taxes.</param>
/// <param name="TestClock">The time at which it lives, if that is not the present.</param>
public sealed record TenantView(
    TenantId Id, string Code, string LegalName, IReadOnlyList<string> Address, string? TaxNumber, string Country, Currency Currency,
    string Zone, string TaxEngine, Instant? TestClock)
{
    internal static TenantView Of(TenantAccount tenant) => new(
        tenant.Id, tenant.Code, tenant.LegalName, tenant.Address, tenant.TaxNumber, tenant.Country, tenant.Currency, tenant.Zone,
        tenant.TaxEngine, tenant.TestClock);
}

/// <summary>A time for a tenant's test clock.</summary>
/// <param name="Now">UTC.</param>
public sealed record ClockTime(Instant Now);
