using System.Linq.Expressions;
using System.Text.Json;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using NodaTime;

namespace IspHost.Core.FeatureFlags;

/// <summary>Feature flags, for the operator.</summary>
public static class FlagEndpoints
{
    /// <summary>Maps <c>/feature-flags</c>.</summary>
    public static void MapFeatureFlags(this IEndpointRouteBuilder api)
    {
        var flags = api.MapGroup("/feature-flags").WithTags("Feature flags").ForOperators();

        flags.MapGet("/", List);
        flags.MapPut("/{name}", Set);
        flags.MapDelete("/{name}", Remove);
        flags.MapGet("/{name}/tenants/{tenant}", Evaluate);
    }

    static async Task<Ok<List<FlagView>>> List(IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        var flags = await db.FeatureFlags.AsNoTracking().OrderBy(flag => flag.Name).ToListAsync(stop);
        return TypedResults.Ok(flags.ConvertAll(FlagView.Of));
    }

    static async Task<Results<Ok<FlagView>, ProblemHttpResult>> Set(
        string name, FlagTerms request, IDbContextFactory<HostDb> host, FlagDefinitions definitions, IClock clock,
        ICurrentTenant current, CancellationToken stop)
    {
        if (!FlagTerms.IsName(name))
            return Problems.Field("name", "letters, digits, dots, underscores and hyphens, 1 to 100, beginning with a letter or digit");
        if (request.Problem() is { } problem)
            return problem;
        await using var db = await host.CreateDbContextAsync(stop);
        if (await StrangersAsync(db, request, stop) is { Count: > 0 } strangers)
            return Problems.Fields(strangers);
        var flag = await db.FeatureFlags.SingleOrDefaultAsync(Named(name), stop);
        var definition = JsonSerializer.SerializeToDocument(request, ApiJson.Options);
        if (flag is null)
            db.FeatureFlags.Add(flag = new FeatureFlag { Name = name, Definition = definition, ChangedAt = clock.GetCurrentInstant() });
        else
            (flag.Definition, flag.ChangedAt) = (definition, clock.GetCurrentInstant());
        db.Audit(current.Actor, "feature_flag.set", $"feature_flag/{name}", request);
        if (await db.TrySaveAsync(stop) is not SaveOutcome.Saved)
            return Problems.Conflict("flag-exists", $"Somebody else has just made the feature flag '{name}'.");
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

    /// <summary>A tenant that is not there would be one that was mistyped.</summary>
    static async Task<List<(string Field, string Rule)>> StrangersAsync(HostDb db, FlagTerms terms, CancellationToken stop)
    {
        string[] named = [.. terms.Tenants, .. terms.Except];
        var known = await db.Tenants.Where(tenant => named.Contains(tenant.Code)).Select(tenant => tenant.Code).ToHashSetAsync(stop);
        var fields = new List<(string Field, string Rule)>();
        foreach (var (field, codes) in (ReadOnlySpan<(string, string[])>)[("tenants", terms.Tenants), ("except", terms.Except)])
        {
            if (codes.FirstOrDefault(code => !known.Contains(code)) is { } stranger)
                fields.Add((field, $"codes of tenants that are there, and '{stranger}' is not"));
        }
        return fields;
    }

    static async Task<Results<NoContent, NotFound>> Remove(
        string name, IDbContextFactory<HostDb> host, FlagDefinitions definitions, ICurrentTenant current, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.FeatureFlags.SingleOrDefaultAsync(Named(name), stop) is not { } flag)
            return TypedResults.NotFound();
        db.FeatureFlags.Remove(flag);
        db.Audit(current.Actor, "feature_flag.remove", $"feature_flag/{flag.Name}");
        await db.SaveChangesAsync(stop);
        await definitions.ReloadAsync(stop);
        return TypedResults.NoContent();
    }

    static async Task<Results<Ok<FlagState>, NotFound>> Evaluate(
        string name, string tenant, TenantDirectory tenants, IFeatureManager features)
        => tenants.Find(tenant) is null
            ? TypedResults.NotFound()
            : TypedResults.Ok(new FlagState(name, tenant, await features.IsEnabledAsync(name, new TargetingContext { UserId = tenant })));
}

/// <summary>A feature flag, as the API shows it.</summary>
public sealed record FlagView(string Name, FlagTerms Terms, Instant ChangedAt)
{
    internal static FlagView Of(FeatureFlag flag)
        => new(flag.Name, flag.Definition.Deserialize<FlagTerms>(ApiJson.Options)!, flag.ChangedAt);
}

/// <summary>Whether a tenant has a feature.</summary>
public sealed record FlagState(string Name, string Tenant, bool Enabled);
