using System.Text.Json;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
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
        var flags = api.MapGroup("/feature-flags").WithTags("Feature flags").RequireAuthorization(Policies.Operator);

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
        string name, FlagTerms request, IDbContextFactory<HostDb> host, FlagDefinitions definitions, IClock clock, CancellationToken stop)
    {
        if (request.Problem() is { } problem)
            return problem;
        await using var db = await host.CreateDbContextAsync(stop);
        var flag = await db.FeatureFlags.SingleOrDefaultAsync(f => f.Name == name, stop);
        var definition = JsonSerializer.SerializeToDocument(request, ApiJson.Options);
        if (flag is null)
            db.FeatureFlags.Add(flag = new FeatureFlag { Name = name, Definition = definition, ChangedAt = clock.GetCurrentInstant() });
        else
            (flag.Definition, flag.ChangedAt) = (definition, clock.GetCurrentInstant());
        await db.SaveChangesAsync(stop);
        await definitions.OnChangeAsync(Change.Everything, stop);
        return TypedResults.Ok(FlagView.Of(flag));
    }

    static async Task<Results<NoContent, NotFound>> Remove(
        string name, IDbContextFactory<HostDb> host, FlagDefinitions definitions, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        var removed = await db.FeatureFlags.Where(flag => flag.Name == name).ExecuteDeleteAsync(stop);
        await definitions.OnChangeAsync(Change.Everything, stop);
        return removed == 1 ? TypedResults.NoContent() : TypedResults.NotFound();
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
