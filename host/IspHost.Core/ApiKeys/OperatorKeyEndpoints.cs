using System.Security.Claims;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Web;
using IspHost.Core.Web.Versions;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
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

        keys.MapPost("/", Create).Documented(
            "createOperatorKey", "Create a key of the operator",
            "The answer shows its text, this once. It may do and lasts at most what the key may that makes it.");
        keys.MapGet("/", List).Documented(
            "listOperatorKeys", "List keys of the operator", "By prefix, with those that have ended. No text is shown.");
        keys.MapPatch("/{prefix}", Change).Documented(
            "changeOperatorKey", "Change a key of the operator",
            "Moves it to another version of the API. What it may do stays as it is.");
        keys.MapDelete("/{prefix}", Revoke).Documented(
            "revokeOperatorKey", "Revoke a key of the operator", "It ends within 5 seconds on all nodes, and stays on the list.");
    }

    static async Task<Results<Created<IssuedApiKeyView>, ProblemHttpResult>> Create(
        NewApiKey request, ClaimsPrincipal caller, ICurrentTenant current, OperatorKeys keys, IDbContextFactory<HostDb> host,
        Answers answers, EndpointDataSource endpoints, KnownVersions versions, IClock clock, CancellationToken stop)
    {
        var (key, problem) = request.Completed(KeyOwner.LimitsOf(caller), endpoints, versions, clock.GetCurrentInstant());
        if (key is null)
            return problem!;
        await using var db = await host.CreateDbContextAsync(stop);
        var made = keys.Add(db, key, current.Actor);
        var location = $"/api/v1/operator-keys/{made.Prefix}";
        await answers.TrySaveAsync(db, TypedResults.Created(location, made.WithoutKey()), stop);
        return TypedResults.Created(location, made);
    }

    static async Task<Results<Ok<Page<ApiKeyView>>, ProblemHttpResult>> List(
        IDbContextFactory<HostDb> host, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "operator-keys", out string? after))
            return Cursor.Unknown;
        await using var db = await host.CreateDbContextAsync(stop);
        var keys = await db.OperatorKeys.AsNoTracking()
            .Where(key => after == null || string.Compare(key.Prefix, after) > 0)
            .OrderBy(key => key.Prefix)
            .Take(limit + 1)
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(keys, limit, key => Cursor.Of("operator-keys", key.Prefix)).Select(ViewOf));
    }

    static async Task<Results<Ok<ApiKeyView>, NotFound, ProblemHttpResult>> Change(
        string prefix, MergePatch<ApiKeyChange> request, IfMatch ifMatch, ICurrentTenant current, IDbContextFactory<HostDb> host,
        KnownVersions versions, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.OperatorKeys.SingleOrDefaultAsync(key => key.Prefix == prefix, stop) is not { } key)
            return TypedResults.NotFound();
        if (ifMatch.IsMissedBy(ViewOf(key)))
            return Refusals.Of(Refusals.PreconditionFailed);
        var changed = request.ApplyTo(new ApiKeyChange(key.ApiVersion));
        if (!versions.IsServed(changed.ApiVersion))
            return Problems.Field("api_version", versions.Rule);
        key.ApiVersion = changed.ApiVersion;
        db.Audit(current.Actor, "operator_key.change", $"operator_key/{prefix}", changed);
        await db.SaveChangesAsync(stop);
        return TypedResults.Ok(ViewOf(key));
    }

    static ApiKeyView ViewOf(OperatorKey key) => new(
        key.Prefix, key.Name, key.Scopes, key.CreatedAt, key.ExpiresAt, key.LastUsedAt, key.RevokedAt, key.ApiVersion);

    static async Task<Results<NoContent, NotFound>> Revoke(
        string prefix, ICurrentTenant current, OperatorKeys keys, CancellationToken stop)
        => await keys.RevokeAsync(prefix, current.Actor, stop) ? TypedResults.NoContent() : TypedResults.NotFound();
}
