using System.Linq.Expressions;
using System.Text.Json;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.FeatureFlags;

/// <summary>Feature flags, for the operator.</summary>
public static class FlagEndpoints
{
    /// <summary>Maps <c>/feature-flags</c>.</summary>
    public static void MapFeatureFlags(this IEndpointRouteBuilder api)
    {
        var flags = api.MapGroup("/feature-flags")
            .InChapter("Feature flags", "Which tenants have what is being rolled out.").ForOperators();

        flags.MapGet("/", List).Documented("listFeatureFlags", "List feature flags", "By name, with those who have them.");
        flags.MapGet("/{name}", Get).Documented("getFeatureFlag", "Get a feature flag", "For whom it is on.");
        flags.MapPut("/{name}", Set).Documented(
            "setFeatureFlag", "Set a feature flag", "Makes it, or says anew for whom it is on. All nodes follow within a second or so.");
        flags.MapDelete("/{name}", Remove).Documented(
            "removeFeatureFlag", "Remove a feature flag", "What is behind it is off for everybody.");
        flags.MapGet("/{name}/tenants/{tenant}", FlagAnswers.Evaluate).Documented(
            "evaluateFeatureFlag", "Ask whether a tenant has a feature", "As the node that answers sees it.");
        flags.MapGet("/{name}/explain", FlagAnswers.Explain).Documented(
            "explainFeatureFlag", "Ask why a tenant or a customer has a feature or not",
            "Which condition has decided, where draws have put it, in which variant it is on and why, and what was not looked at. Of a "
            + "customer its segment, its tags and the plans of its services are known as groups. As the node that answers sees it.");
    }

    static async Task<Results<Ok<Page<FlagView>>, ProblemHttpResult>> List(
        IDbContextFactory<HostDb> host, CancellationToken stop, [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "feature-flags", out string? after))
            return Cursor.Unknown;
        await using var db = await host.CreateDbContextAsync(stop);
        var flags = await db.FeatureFlags.AsNoTracking()
            .Where(flag => after == null || string.Compare(flag.Name, after) > 0)
            .OrderBy(flag => flag.Name)
            .Take(limit + 1)
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(flags, limit, flag => Cursor.Of("feature-flags", flag.Name)).Select(FlagView.Of));
    }

    static async Task<Results<Ok<FlagView>, NotFound>> Get(string name, IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        return await db.FeatureFlags.AsNoTracking().SingleOrDefaultAsync(Named(name), stop) is { } flag
            ? TypedResults.Ok(FlagView.Of(flag))
            : TypedResults.NotFound();
    }

    static async Task<Results<Ok<FlagView>, ProblemHttpResult>> Set(
        string name, FlagTerms request, IfMatch ifMatch, IDbContextFactory<HostDb> host, FlagDefinitions definitions, IClock clock,
        ICurrentTenant current, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        var flag = FlagTerms.IsName(name) ? await db.FeatureFlags.SingleOrDefaultAsync(Named(name), stop) : null;
        if (await FaultsAsync(db, name, isNew: flag is null, request, stop) is { Count: > 0 } faults)
            return Problems.Fields(faults);
        if (ifMatch.IsMissedBy(flag is null ? null : FlagView.Of(flag)))
            return Refusals.Of(Refusals.PreconditionFailed);
        var (before, definition) = (flag?.Definition, JsonSerializer.SerializeToDocument(request, ApiJson.Options));
        if (flag is null)
            db.FeatureFlags.Add(flag = new FeatureFlag { Name = name, Definition = definition, ChangedAt = clock.GetCurrentInstant() });
        else
            (flag.Definition, flag.ChangedAt) = (definition, clock.GetCurrentInstant());
        db.Audit(current.Actor, "feature_flag.set", $"feature_flag/{flag.Name}", new { Before = before, After = request });
        if (await db.TrySaveAsync(stop) is not SaveOutcome.Saved)
            return Refusals.Of(Refusals.ChangedMeanwhile);
        // PostgreSQL keeps microseconds, and keys of JSON in an order of its own: the tag must be that of what GET shows.
        await db.Entry(flag).ReloadAsync(stop);
        await definitions.ReloadAsync(stop);
        return TypedResults.Ok(FlagView.Of(flag));
    }

    /// <summary>Microsoft.FeatureManagement does not look at the case of a name, so neither does this.</summary>
    static Expression<Func<FeatureFlag, bool>> Named(string name)
    {
        var lower = name.ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // It is not run here: PostgreSQL's lower() and its index do.
        return flag => flag.Name.ToLower() == lower;
#pragma warning restore CA1304, CA1311, CA1862
    }

    static async Task<List<(string Field, string Rule)>> FaultsAsync(
        HostDb db, string name, bool isNew, FlagTerms terms, CancellationToken stop)
    {
        string[] named = [.. FlagRules.TenantsIn(terms)];
        var known = await db.Tenants.Where(tenant => named.Contains(tenant.Code)).Select(tenant => tenant.Code).ToHashSetAsync(stop);
        List<(string Field, string Rule)> faults = [.. FlagRules.BrokenBy(terms, known.Contains)];
        if (!FlagTerms.IsName(name))
            faults.Add(("name", "letters, digits, dots, underscores and hyphens, 1 to 100, beginning with a letter or digit"));
        else if (isNew && await db.FeatureFlags.CountAsync(stop) >= FlagRules.MostFlags)
            faults.Add(("name", $"that of a flag that is there: there are {FlagRules.MostFlags}, and no more are taken"));
        return faults;
    }

    static async Task<Results<NoContent, NotFound, ProblemHttpResult>> Remove(
        string name, IfMatch ifMatch, IDbContextFactory<HostDb> host, FlagDefinitions definitions, ICurrentTenant current,
        CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.FeatureFlags.SingleOrDefaultAsync(Named(name), stop) is not { } flag)
            return TypedResults.NotFound();
        if (ifMatch.IsMissedBy(FlagView.Of(flag)))
            return Refusals.Of(Refusals.PreconditionFailed);
        db.FeatureFlags.Remove(flag);
        db.Audit(current.Actor, "feature_flag.remove", $"feature_flag/{flag.Name}", new { Before = flag.Definition });
        if (await db.TrySaveAsync(stop) is not SaveOutcome.Saved)
            return Refusals.Of(Refusals.ChangedMeanwhile);
        await definitions.ReloadAsync(stop);
        return TypedResults.NoContent();
    }
}

/// <summary>A feature flag, as the API shows it.</summary>
/// <param name="Name">By which code asks for it.</param>
/// <param name="Terms">For whom it is on.</param>
/// <param name="ChangedAt">When that was said.</param>
public sealed record FlagView(string Name, FlagTerms Terms, Instant ChangedAt)
{
    internal static FlagView Of(FeatureFlag flag)
        => new(flag.Name, flag.Definition.Deserialize<FlagTerms>(ApiJson.Options)!, flag.ChangedAt);
}
