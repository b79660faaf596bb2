using System.Security.Claims;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
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
        var keys = api.MapGroup("/api-keys").WithTags("API keys").ForTenants("keys");

        keys.MapPost("/", Create);
        keys.MapGet("/", List);
        keys.MapDelete("/{prefix}", Revoke);
    }

    static async Task<Results<Created<NewApiKeyView>, ProblemHttpResult>> Create(
        NewApiKey request, ClaimsPrincipal caller, EndpointDataSource endpoints, CurrentTenant current, TenantDirectory tenants,
        TenantDatabase<IspDb> database, IClock clock, Answers answers, CancellationToken stop)
    {
        var now = clock.GetCurrentInstant();
        var (key, problem) = request.Completed(KeyOwner.LimitsOf(caller), endpoints, now);
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
        });
        db.Audit(current.Caller, "api_key.create", $"api_key/{text.Prefix}", new { key.Scopes });
        var location = $"/api/v1/api-keys/{text.Prefix}";
        var made = new NewApiKeyView(text.Prefix, key.Name, key.Scopes!, key.ExpiresAt, text.Text);
        await answers.TrySaveAsync(db, TypedResults.Created(location, made.WithoutKey()), stop);
        return TypedResults.Created(location, made);
    }

    static async Task<Ok<Page<ApiKeyView>>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop, string? cursor = null, int limit = 50)
    {
        var size = Page.Size(limit);
        await using var db = database.Open(current.Id);
        var keys = await db.ApiKeys.AsNoTracking()
            .Where(key => cursor == null || string.Compare(key.Prefix, cursor) > 0)
            .OrderBy(key => key.Prefix)
            .Take(size + 1)
            .Select(key => new ApiKeyView(
                key.Prefix, key.Name, key.Scopes, key.CreatedAt, key.ExpiresAt, key.LastUsedAt, key.RevokedAt))
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(keys, size, key => key.Prefix));
    }

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
