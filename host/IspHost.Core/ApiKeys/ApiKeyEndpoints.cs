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
        var keys = api.MapGroup("/api-keys").WithTags("API keys").RequireAuthorization(Policies.Tenant);

        keys.MapPost("/", Create);
        keys.MapGet("/", List);
        keys.MapDelete("/{prefix}", Revoke);
    }

    static async Task<Results<Created<NewApiKeyView>, ProblemHttpResult>> Create(
        NewApiKey request, CurrentTenant current, TenantDirectory tenants, TenantDatabase<IspDb> database, IClock clock,
        Answers answers, CancellationToken stop)
    {
        if (!Rules.IsName(request.Name, 100))
            return Problems.Field("name", "1 to 100 characters");
        var text = KeyText.New(tenants.Find(current.Id)!.Code);
        await using var db = database.Open(current.Id);
        db.ApiKeys.Add(new ApiKey { Prefix = text.Prefix, Hash = text.Hash, Name = request.Name, CreatedAt = clock.GetCurrentInstant() });
        db.Audit(current.Caller, "api_key.create", $"api_key/{text.Prefix}");
        var location = $"/api/v1/api-keys/{text.Prefix}";
        await answers.TrySaveAsync(
            db, TypedResults.Created(location, new NewApiKeyView(text.Prefix, request.Name, Key: null, NewApiKeyView.ShownOnce)), stop);
        return TypedResults.Created(location, new NewApiKeyView(text.Prefix, request.Name, text.ToString()));
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
            .Select(key => new ApiKeyView(key.Prefix, key.Name, key.CreatedAt, key.RevokedAt))
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

/// <summary>What a new key is made from.</summary>
/// <param name="Name">What it is for, 1 to 100 characters.</param>
public sealed record NewApiKey(string Name);

/// <summary>A new key. Its text is shown this once and stored nowhere.</summary>
/// <param name="Prefix">Its public part.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Key">Its text; null in the answer to a repeated request.</param>
/// <param name="Note">Why there is no text.</param>
public sealed record NewApiKeyView(string Prefix, string Name, string? Key, string? Note = null)
{
    internal const string ShownOnce =
        "The key was shown in the first answer to this request and is stored nowhere: if it is lost, revoke this one and make another.";
}

/// <summary>A key, without its secret.</summary>
public sealed record ApiKeyView(string Prefix, string Name, Instant CreatedAt, Instant? RevokedAt);
