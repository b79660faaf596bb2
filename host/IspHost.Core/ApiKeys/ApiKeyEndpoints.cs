using System.Security.Claims;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Core.Web.Versions;
using IspHost.Sdk.Data;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.ApiKeys;

/// <summary>The API keys of a tenant.</summary>
public static class ApiKeyEndpoints
{
    /// <summary>Maps <c>/api-keys</c>.</summary>
    public static void MapApiKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/api-keys").InChapter("API keys", "Who may ask, and for what.").ForTenants("keys");

        keys.MapPost("/", Create).Documented(
            "createApiKey", "Create an API key",
            "The answer shows its text, this once. It may do and lasts at most what the key may that makes it.");
        keys.MapGet("/", List).Documented("listApiKeys", "List API keys", "By prefix, with those that have ended. No text is shown.");
        keys.MapPatch("/{prefix}", Change).Documented(
            "changeApiKey", "Change an API key", "Moves it to another version of the API. What it may do stays as it is.");
        keys.MapDelete("/{prefix}", Revoke).Documented(
            "revokeApiKey", "Revoke an API key", "It ends within 5 seconds on all nodes, and stays on the list.");
    }

    static async Task<Results<Created<IssuedApiKeyView>, ProblemHttpResult>> Create(
        NewApiKey request, ClaimsPrincipal caller, EndpointDataSource endpoints, CurrentTenant current, TenantDirectory tenants,
        TenantDatabase<IspDb> database, KnownVersions versions, IClock clock, Answers answers, CancellationToken stop)
    {
        var now = clock.GetCurrentInstant();
        var (key, problem) = request.Completed(KeyOwner.LimitsOf(caller), endpoints, versions, now);
        if (key is null)
            return problem!;
        var text = KeyText.New(tenants.Find(current.Id)!.Code);
        await using var db = database.Open(current.Id);
        db.ApiKeys.Add(new ApiKey
        {
            Prefix = text.Prefix,
            Hash = text.Hash,
            Name = key.Name,
            Scopes = [.. key.Scopes!],
            CreatedAt = now,
            ExpiresAt = key.ExpiresAt,
            ApiVersion = key.ApiVersion!.Value,
        });
        db.Audit(current.Caller, "api_key.create", $"api_key/{text.Prefix}", new { key.Scopes });
        var location = $"/api/v1/api-keys/{text.Prefix}";
        var made = new IssuedApiKeyView(text.Prefix, key.Name, key.Scopes!, key.ExpiresAt, key.ApiVersion!.Value, text.Text);
        await answers.TrySaveAsync(db, TypedResults.Created(location, made.WithoutKey()), stop);
        return TypedResults.Created(location, made);
    }

    static async Task<Results<Ok<Page<ApiKeyView>>, ProblemHttpResult>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "api-keys", out string? after))
            return Cursor.Unknown;
        await using var db = database.Open(current.Id);
        var keys = await db.ApiKeys.AsNoTracking()
            .Where(key => after == null || string.Compare(key.Prefix, after) > 0)
            .OrderBy(key => key.Prefix)
            .Take(limit + 1)
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(keys, limit, key => Cursor.Of("api-keys", key.Prefix)).Select(ViewOf));
    }

    static async Task<Results<Ok<ApiKeyView>, NotFound, ProblemHttpResult>> Change(
        string prefix, MergePatch<ApiKeyChange> request, IfMatch ifMatch, CurrentTenant current, TenantDatabase<IspDb> database,
        KnownVersions versions, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        if (await db.ApiKeys.SingleOrDefaultAsync(key => key.Prefix == prefix, stop) is not { } key)
            return TypedResults.NotFound();
        if (ifMatch.IsMissedBy(ViewOf(key)))
            return Refusals.Of(Refusals.PreconditionFailed);
        var changed = request.ApplyTo(new ApiKeyChange(key.ApiVersion));
        if (!versions.IsServed(changed.ApiVersion))
            return Problems.Field("api_version", versions.Rule);
        key.ApiVersion = changed.ApiVersion;
        db.Audit(current.Caller, "api_key.change", $"api_key/{prefix}", changed);
        await db.SaveChangesAsync(stop);
        return TypedResults.Ok(ViewOf(key));
    }

    static ApiKeyView ViewOf(ApiKey key) => new(
        key.Prefix, key.Name, key.Scopes, key.CreatedAt, key.ExpiresAt, key.LastUsedAt, key.RevokedAt, key.ApiVersion);

    static async Task<Results<NoContent, NotFound>> Revoke(
        string prefix, CurrentTenant current, TenantDatabase<IspDb> database, IClock clock, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        if (await db.ApiKeys.SingleOrDefaultAsync(key => key.Prefix == prefix, stop) is not { } key)
            return TypedResults.NotFound();
        key.RevokedAt ??= clock.GetCurrentInstant();
        db.Audit(current.Caller, "api_key.revoke", $"api_key/{prefix}");
        await db.SaveChangesAsync(stop);
        return TypedResults.NoContent();
    }
}
