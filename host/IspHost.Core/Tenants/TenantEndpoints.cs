using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Retention;
using IspHost.Core.Web;
using IspHost.Core.Zones;
using IspHost.Sdk;
using IspHost.Sdk.Tenants;
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
        var tenants = api.MapGroup("/tenants").WithTags("Tenants").ForOperators();

        tenants.MapPost("/", Create);
        tenants.MapGet("/", List);
        tenants.MapGet("/{code}", Get);
        tenants.MapPut("/{code}/clock", SetClock);
    }

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
            return Problems.Conflict("tenant-exists", $"There is a tenant '{request.Code}' already.");

        await directory.ReadAsync(tenant.Id, stop);
        return created;
    }

    static async Task<Ok<Page<TenantView>>> List(
        IDbContextFactory<HostDb> host, CancellationToken stop, string? cursor = null, int limit = 50)
    {
        var size = Page.Size(limit);
        await using var db = await host.CreateDbContextAsync(stop);
        var tenants = await db.Tenants.AsNoTracking()
            .Where(tenant => cursor == null || string.Compare(tenant.Code, cursor) > 0)
            .OrderBy(tenant => tenant.Code)
            .Take(size + 1)
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(tenants.ConvertAll(TenantView.Of), size, tenant => tenant.Code));
    }

    static async Task<Results<Ok<TenantView>, NotFound>> Get(string code, IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        return await db.Tenants.AsNoTracking().SingleOrDefaultAsync(tenant => tenant.Code == code, stop) is { } tenant
            ? TypedResults.Ok(TenantView.Of(tenant))
            : TypedResults.NotFound();
    }

    static async Task<Results<Ok<TenantView>, NotFound, ProblemHttpResult>> SetClock(
        string code, ClockTime request, IDbContextFactory<HostDb> host, TenantDirectory directory, UsageMonths months, IClock clock,
        ICurrentTenant current, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.Tenants.SingleOrDefaultAsync(tenant => tenant.Code == code, stop) is not { } tenant)
            return TypedResults.NotFound();
        if (!(request.Now is { } time ? tenant.TryAdvanceTo(time) : tenant.TryReturnTo(clock.GetCurrentInstant())))
            return Problems.Conflict("clock-goes-back", $"The test clock stands at {tenant.TestClock} and only goes forward.");

        await months.EnsureAsync(request.Now ?? clock.GetCurrentInstant(), stop);
        db.Audit(current.Actor, "tenant.set_clock", $"tenant/{tenant.Code}", new { request.Now });
        await db.SaveChangesAsync(stop);
        await directory.ReadAsync(tenant.Id, stop);
        return TypedResults.Ok(TenantView.Of(tenant));
    }
}

/// <summary>What a new tenant is made from.</summary>
public sealed record NewTenant
{
    /// <summary>Lower-case letters, digits and hyphens, at most 32.</summary>
    public required string Code { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>An IANA time zone, such as <c>Europe/Athens</c>.</summary>
    public required string Zone { get; init; }

    /// <summary>The name on invoices; the code if none is given.</summary>
    public string? LegalName { get; init; }

    /// <summary>The postal address, at most 6 lines of 100 characters.</summary>
    public string[]? Address { get; init; }

    /// <summary>The VAT or sales tax number.</summary>
    public string? TaxNumber { get; init; }

    /// <summary>ISO 3166 alpha-2; the country of the zone if none is given.</summary>
    public string? Country { get; init; }

    /// <summary>The extension that computes taxes.</summary>
    public string TaxEngine { get; init; } = "vat";

    internal ProblemHttpResult? Problem(ZoneRules rules) => new FieldRules()
        .Check("code", Rules.IsCode(Code, 32), "lower-case letters, digits and hyphens, 1 to 32, beginning with a letter or digit")
        .Check("currency", Sdk.Currency.TryOf(Currency, out _), "a currency code of ISO 4217, such as EUR")
        .Check("zone", rules.Zones.GetZoneOrNull(Zone) is not null, "an IANA time zone, such as Europe/Athens")
        .Check("country", Rules.IsCountry(CountryBy(rules)), "a country code of ISO 3166, such as GR")
        .Check("legal_name", LegalName is null || Rules.IsName(LegalName, 200), "1 to 200 characters")
        .Check("address", Rules.IsAddress(Address), Rules.AddressRule)
        .Check("tax_number", TaxNumber is null || Rules.IsName(TaxNumber, 32), "1 to 32 characters")
        .Check("tax_engine", Rules.IsCode(TaxEngine, 64), "the name of a tax extension, such as vat")
        .Problem;

    internal TenantAccount ToAccount(ZoneRules rules) => new()
    {
        Id = TenantId.New(),
        Code = Code,
        LegalName = LegalName ?? Code,
        Address = Address ?? [],
        TaxNumber = TaxNumber,
        Country = CountryBy(rules)!,
        Currency = Sdk.Currency.Of(Currency),
        Zone = Zone,
        TaxEngine = TaxEngine,
    };

    string? CountryBy(ZoneRules rules) => Country ?? rules.CountryOf(Zone);
}

/// <summary>A tenant, as the API shows it.</summary>
public sealed record TenantView(
    TenantId Id, string Code, string LegalName, string Country, Currency Currency, string Zone, string TaxEngine, Instant? TestClock)
{
    internal static TenantView Of(TenantAccount tenant) => new(
        tenant.Id, tenant.Code, tenant.LegalName, tenant.Country, tenant.Currency, tenant.Zone, tenant.TaxEngine, tenant.TestClock);
}

/// <summary>A time for a tenant's test clock.</summary>
/// <param name="Now">UTC; null for the present, which goes on by itself.</param>
public sealed record ClockTime(Instant? Now);
