using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Pricing;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Data;
using IspHost.Sdk.Rating;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Catalog;

/// <summary>The plans of a tenant.</summary>
public static class PlanEndpoints
{
    /// <summary>Maps <c>/plans</c>.</summary>
    public static void MapPlans(this IEndpointRouteBuilder api)
    {
        var plans = api.MapGroup("/plans").InChapter("Catalog", "The plans that a provider sells.").ForTenants("catalog");

        plans.MapPost("/", Publish).Refuses(PublishedMeanwhile).Documented(
            "publishPlan", "Publish a version of a plan",
            "The first version makes the plan. Services that run keep the version they have.");
        plans.MapGet("/", List).Documented("listPlans", "List plans", "The newest version of each, by code.");
        plans.MapGet("/{code}", Get).Documented("getPlan", "Get a plan", "The newest version of one plan.");
    }

    static readonly ProblemType PublishedMeanwhile = new(
        "published-meanwhile", StatusCodes.Status409Conflict, "Conflict",
        "Another version of the plan was published at the same moment. Look at it before you publish yours.");

    static async Task<Results<Created<PlanView>, ProblemHttpResult>> Publish(
        PlanTerms request, CurrentTenant current, TenantDirectory tenants, Taxability taxability, IExtensions extensions,
        TenantDatabase<IspDb> database, Answers answers, CancellationToken stop)
    {
        var tenant = tenants.Find(current.Id)!;
        var currency = tenant.Currency;
        if (request.Problem(currency) is { } problem)
            return problem;
        if (request.Price.Usage is { } usage && extensions.Find<IRatingRule>(usage.Rule) is null)
            return Problems.Refused("price.usage.rule", $"Nothing offers a rating rule '{usage.Rule}'.");
        if (await taxability.FindObjectionAsync(tenant, request.Price.TaxClass, current.Caller.Now, stop) is { } refused)
            return Problems.Refused(refused.Field == "tax_class" ? "price.tax_class" : refused.Field, refused.Reason);
        await using var db = database.Open(current.Id);
        if (request.Network.Pool is { } pool && !await db.Set<Network.AddressPool>().AnyAsync(p => p.Name == pool, stop))
            return Problems.Field("network.pool", "the name of an address pool that exists");
        string? ruleHash = null;
        if (request.Price.Usage?.Script is { } script && (ruleHash = await db.NewestHashAsync(script, stop)) is null)
            return Problems.Field("price.usage.script", "the name of a price script that exists");

        var version = await AddVersionAsync(db, request, currency, ruleHash, current.Caller, stop);
        var created = TypedResults.Created($"/api/v1/plans/{request.Code}", PlanView.Of(request.Code, version));
        return await answers.TrySaveAsync(db, created, stop) is SaveOutcome.Saved
            ? created
            : Problems.Of(PublishedMeanwhile, "Another version of the plan was published at the same time.");
    }

    static async Task<PlanVersion> AddVersionAsync(
        IspDb db, PlanTerms request, Currency currency, string? ruleHash, Caller caller, CancellationToken stop)
    {
        var plan = await db.Plans.SingleOrDefaultAsync(p => p.Code == request.Code, stop);
        if (plan is null)
            db.Plans.Add(plan = new Plan { Id = PlanId.New(), Code = request.Code });
        var last = await db.PlanVersions.Where(v => v.PlanId == plan.Id).MaxAsync(v => (int?)v.Version, stop) ?? 0;
        var version = request.ToVersion(plan.Id, last + 1, currency, ruleHash, caller.Now);
        db.PlanVersions.Add(version);
        db.Audit(caller, "plan.publish", $"plan/{request.Code}", new { version.Version });
        return version;
    }

    static async Task<Results<Ok<Page<PlanView>>, ProblemHttpResult>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "plans", out string? after))
            return Cursor.Unknown;
        await using var db = database.Open(current.Id);
        var plans = await db.Plans.AsNoTracking()
            .Where(plan => after == null || string.Compare(plan.Code, after) > 0)
            .OrderBy(plan => plan.Code)
            .Take(limit + 1)
            .ToListAsync(stop);
        var ids = plans.ConvertAll(plan => plan.Id);
        var versions = db.PlanVersions.AsNoTracking();
        var newest = await versions
            .Where(version => ids.Contains(version.PlanId))
            .Where(version => !versions.Any(other => other.PlanId == version.PlanId && other.Version > version.Version))
            .ToDictionaryAsync(version => version.PlanId, stop);
        return TypedResults.Ok(
            Page.Of(plans, limit, plan => Cursor.Of("plans", plan.Code)).Select(plan => PlanView.Of(plan.Code, newest[plan.Id])));
    }

    static async Task<Results<Ok<PlanView>, NotFound>> Get(
        string code, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        return await db.NewestAsync(code, stop) is { } version ? TypedResults.Ok(PlanView.Of(code, version)) : TypedResults.NotFound();
    }
}

/// <summary>The newest version of a plan, as the API shows it.</summary>
public sealed record PlanView(PlanId Id, string Code, int Version, string Name, Instant PublishedAt, NetworkTerms Network, PriceTerms Price)
{
    internal static PlanView Of(string code, PlanVersion version) => new(
        version.PlanId, code, version.Version, version.Name, version.PublishedAt,
        new NetworkTerms
        {
            Up = version.Up,
            Down = version.Down,
            Throttled = version.Throttled,
            Pool = version.Pool,
            SessionLimit = version.SessionLimit is > 0 and var limit ? limit : null,
            InterimSeconds = version.InterimSeconds,
        },
        version.PriceFrom(version.PublishedAt.InUtc().Date));
}
