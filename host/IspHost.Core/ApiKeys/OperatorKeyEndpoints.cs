using System.Security.Claims;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Web;
using IspHost.Sdk.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.ApiKeys;

/// <summary>The keys of the operator.</summary>
public static class OperatorKeyEndpoints
{
    /// <summary>Maps <c>/operator-keys</c>.</summary>
    public static void MapOperatorKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/operator-keys").WithTags("API keys").ForOperators();

        keys.MapPost("/", Create);
        keys.MapGet("/", List);
        keys.MapDelete("/{prefix}", Revoke);
    }

    static async Task<Results<Created<NewApiKeyView>, ProblemHttpResult>> Create(
        NewApiKey request, ClaimsPrincipal caller, ICurrentTenant current, OperatorKeys keys, IDbContextFactory<HostDb> host,
        Answers answers, EndpointDataSource endpoints, IClock clock, CancellationToken stop)
    {
        var (key, problem) = request.Completed(KeyOwner.LimitsOf(caller), endpoints, clock.GetCurrentInstant());
        if (key is null)
            return problem!;
        await using var db = await host.CreateDbContextAsync(stop);
        var made = keys.Add(db, key, current.Actor);
        var location = $"/api/v1/operator-keys/{made.Prefix}";
        await answers.TrySaveAsync(db, TypedResults.Created(location, made.WithoutKey()), stop);
        return TypedResults.Created(location, made);
    }

    static async Task<Ok<Page<ApiKeyView>>> List(
        IDbContextFactory<HostDb> host, CancellationToken stop, string? cursor = null, int limit = 50)
    {
        var size = Page.Size(limit);
        await using var db = await host.CreateDbContextAsync(stop);
        var keys = await db.OperatorKeys.AsNoTracking()
            .Where(key => cursor == null || string.Compare(key.Prefix, cursor) > 0)
            .OrderBy(key => key.Prefix)
            .Take(size + 1)
            .Select(key => new ApiKeyView(
                key.Prefix, key.Name, key.Scopes, key.CreatedAt, key.ExpiresAt, key.LastUsedAt, key.RevokedAt))
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(keys, size, key => key.Prefix));
    }

    static async Task<Results<NoContent, NotFound>> Revoke(
        string prefix, ICurrentTenant current, OperatorKeys keys, CancellationToken stop)
        => await keys.RevokeAsync(prefix, current.Actor, stop) ? TypedResults.NoContent() : TypedResults.NotFound();
}
