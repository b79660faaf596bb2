using System.ComponentModel.DataAnnotations;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.PluginRuntime;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Plugins;

/// <summary>Whose packages are taken, for the operator.</summary>
public static class PublisherEndpoints
{
    /// <summary>Maps <c>/publishers</c>.</summary>
    public static void MapPublishers(this IEndpointRouteBuilder api)
    {
        var publishers = api.MapGroup("/publishers")
            .InChapter("Publishers", "The keys that packages of plugins may be signed with.").ForOperators();

        publishers.MapGet("/", List).Documented(
            "listPublishers", "List keys of publishers", "By publisher, with those that were revoked.");
        publishers.MapPost("/", Add).Refuses(Known).Documented(
            "addPublisher", "Add a key of a publisher",
            "Compare its fingerprint with what the publisher says in another way. A publisher may have several, an old and a new one.");
        publishers.MapPost("/{fingerprint}/revoke", Revoke).Documented(
            "revokePublisher", "Revoke a key of a publisher",
            "From now on nothing is taken or loaded that it signed. What serves goes on until it is replaced, or the node stops.");
    }

    static readonly ProblemType Known = new(
        "publisher-known", StatusCodes.Status409Conflict, "Conflict", "The key is one of a publisher already, or was revoked.");

    static async Task<Results<Ok<Page<PublisherView>>, ProblemHttpResult>> List(
        IDbContextFactory<HostDb> host, CancellationToken stop, [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        var keys = await db.PublisherKeys.AsNoTracking().ToListAsync(stop);
        return Page.TryTake(
            keys.Select(PublisherView.Of), "publishers", cursor, limit, key => $"{key.Name}/{key.Fingerprint}", out var page)
            ? TypedResults.Ok(page)
            : Cursor.Unknown;
    }

    static async Task<Results<Created<PublisherView>, ProblemHttpResult>> Add(
        NewPublisher request, IDbContextFactory<HostDb> host, ICurrentTenant current, IClock clock, CancellationToken stop)
    {
        if (Publisher.FingerprintOf(request.PublicKey) is not { } fingerprint)
            return Problems.Field("public_key", "a public key of ECDSA on the curve P-256 in PEM, as `isphost plugins keygen` writes it");
        await using var db = await host.CreateDbContextAsync(stop);
        var key = new PublisherKey
        {
            Fingerprint = fingerprint,
            Publisher = request.Name,
            PublicKey = request.PublicKey,
            Tier = request.Tier,
            AddedAt = clock.GetCurrentInstant(),
        };
        db.PublisherKeys.Add(key);
        db.Audit(current.Actor, "publisher.add", $"publisher/{fingerprint}", new { request.Name, request.Tier });
        return await db.TrySaveAsync(stop) is SaveOutcome.Saved
            ? TypedResults.Created($"/api/v1/publishers/{fingerprint}", PublisherView.Of(key))
            : Problems.Of(Known, $"The key {fingerprint} is known.");
    }

    static async Task<Results<Ok<PublisherView>, NotFound>> Revoke(
        string fingerprint, IDbContextFactory<HostDb> host, ICurrentTenant current, IClock clock, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.PublisherKeys.SingleOrDefaultAsync(key => key.Fingerprint == fingerprint, stop) is not { } key)
            return TypedResults.NotFound();
        if (key.RevokedAt is null)
        {
            key.RevokedAt = clock.GetCurrentInstant();
            db.Audit(current.Actor, "publisher.revoke", $"publisher/{fingerprint}", new { Name = key.Publisher });
            await db.SaveChangesAsync(stop);
        }
        return TypedResults.Ok(PublisherView.Of(key));
    }
}

/// <summary>A key of a publisher.</summary>
/// <param name="Name">The publisher, as people know them: the same for all their keys.</param>
/// <param name="PublicKey">In PEM, from <c>-----BEGIN PUBLIC KEY-----</c>.</param>
/// <param name="Tier">
/// How far the publisher is trusted: only <c>first_party</c> may take over the plugin of another one, and <c>local</c> counts where the
/// operator allows it.
/// </param>
public sealed record NewPublisher([Line(100)] string Name, [StringLength(2_000)] string PublicKey, PublisherTier Tier);

/// <summary>A key of a publisher, as the API shows it.</summary>
/// <param name="Name">The publisher.</param>
/// <param name="Fingerprint">SHA-256 of the public key.</param>
/// <param name="PublicKey">In PEM.</param>
/// <param name="Tier">How far the publisher is trusted.</param>
/// <param name="AddedAt">When it was added.</param>
/// <param name="RevokedAt">Since when it counts no more; absent while it does.</param>
public sealed record PublisherView(
    string Name, string Fingerprint, string PublicKey, PublisherTier Tier, Instant AddedAt, Instant? RevokedAt)
{
    internal static PublisherView Of(PublisherKey key)
        => new(key.Publisher, key.Fingerprint, key.PublicKey, key.Tier, key.AddedAt, key.RevokedAt);
}
