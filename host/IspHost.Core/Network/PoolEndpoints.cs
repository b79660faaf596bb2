using System.ComponentModel.DataAnnotations;
using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Network;

/// <summary>The address pools of a tenant.</summary>
public static class PoolEndpoints
{
    /// <summary>Maps <c>/address-pools</c>.</summary>
    public static void MapAddressPools(this IEndpointRouteBuilder api)
    {
        var pools = api.MapGroup("/address-pools").WithTags("Network").ForTenants("network");

        pools.MapPost("/", Create).Refuses(Exists).Documented(
            "createAddressPool", "Create an address pool", "Without prefixes at first: they are added one by one.");
        pools.MapGet("/", List).Documented(
            "listAddressPools", "List address pools", "By name, each with its prefixes and how full they are.");
        pools.MapGet("/{name}", Get).Documented("getAddressPool", "Get an address pool", "With its prefixes and how full they are.");
        pools.MapPost("/{name}/prefixes", AddPrefix).Refuses(Overlaps).Documented(
            "addPrefixToAddressPool", "Add a prefix to a pool",
            "Its addresses, or shorter prefixes for delegation, are given from now on.");
    }

    static readonly ProblemType Exists = new(
        "pool-exists", StatusCodes.Status409Conflict, "Conflict", "There is an address pool with this name already.");

    static readonly ProblemType Overlaps = new(
        "prefix-overlaps", StatusCodes.Status409Conflict, "Conflict", "The prefix overlaps one that is in a pool of the tenant already.");

    static async Task<Results<Created<PoolView>, ProblemHttpResult>> Create(
        NewPool request, CurrentTenant current, TenantDatabase<IspDb> database, Answers answers, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        db.AddressPools.Add(new AddressPool { Name = request.Name, QuarantineSeconds = request.QuarantineSeconds });
        db.Audit(current.Caller, "address_pool.create", $"address_pool/{request.Name}");
        var created = TypedResults.Created(
            $"/api/v1/address-pools/{request.Name}", new PoolView(request.Name, request.QuarantineSeconds, []));
        return await answers.TrySaveAsync(db, created, stop) is SaveOutcome.Saved
            ? created
            : Problems.Of(Exists, $"There is an address pool '{request.Name}' already.");
    }

    static async Task<Results<Ok<Page<PoolView>>, ProblemHttpResult>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, IClock clock, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "address-pools", out string? after))
            return Cursor.Unknown;
        await using var db = database.Open(current.Id);
        var pools = await db.AddressPools.AsNoTracking()
            .Where(pool => after == null || string.Compare(pool.Name, after) > 0)
            .OrderBy(pool => pool.Name)
            .Take(limit + 1)
            .ToListAsync(stop);
        var views = await ViewsAsync(db, pools, clock.GetCurrentInstant(), stop);
        return TypedResults.Ok(Page.Of(views, limit, pool => Cursor.Of("address-pools", pool.Name)));
    }

    static async Task<Results<Ok<PoolView>, NotFound>> Get(
        string name, CurrentTenant current, TenantDatabase<IspDb> database, IClock clock, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        return await db.AddressPools.AsNoTracking().SingleOrDefaultAsync(pool => pool.Name == name, stop) is { } pool
            ? TypedResults.Ok((await ViewsAsync(db, [pool], clock.GetCurrentInstant(), stop))[0])
            : TypedResults.NotFound();
    }

    static async Task<List<PoolView>> ViewsAsync(IspDb db, List<AddressPool> pools, Instant now, CancellationToken stop)
    {
        var names = pools.ConvertAll(pool => pool.Name);
        var prefixes = (await db.PoolPrefixes.AsNoTracking().Where(prefix => names.Contains(prefix.Pool)).ToListAsync(stop))
            .ToLookup(prefix => prefix.Pool);
        var inUse = await db.AssignedAddresses.GroupBy(address => address.Prefix)
            .Select(of => new { of.Key, Count = of.LongCount() }).ToDictionaryAsync(of => of.Key, of => of.Count, stop);
        var resting = await db.FreePieces.Where(piece => piece.FreeAt > now).GroupBy(piece => piece.Prefix)
            .Select(of => new { of.Key, Count = of.LongCount() }).ToDictionaryAsync(of => of.Key, of => of.Count, stop);
        PrefixView ViewOf(PoolPrefix prefix) => PrefixView.Of(
            prefix, inUse.GetValueOrDefault(prefix.Prefix), resting.GetValueOrDefault(prefix.Prefix));
        return pools.ConvertAll(pool => new PoolView(pool.Name, pool.QuarantineSeconds, [.. prefixes[pool.Name].Select(ViewOf)]));
    }

    static async Task<Results<Created<PrefixView>, NotFound, ProblemHttpResult>> AddPrefix(
        string name, NewPrefix request, CurrentTenant current, TenantDatabase<IspDb> database, Answers answers, CancellationToken stop)
    {
        if (CanonicalText.FaultOfPrefix(request.Prefix, out var network) is { } fault)
            return Problems.Field("prefix", fault);
        var (prefix, broken) = PoolPrefix.Cut(name, network, request.Kind, request.PieceLength);
        if (prefix is null)
            return Problems.Fields([broken]);

        await using var db = database.Open(current.Id);
        if (!await db.AddressPools.AnyAsync(pool => pool.Name == name, stop))
            return TypedResults.NotFound();
        db.PoolPrefixes.Add(prefix);
        db.Audit(current.Caller, "address_pool.add_prefix", $"address_pool/{name}", new { request.Prefix, request.Kind });
        var created = TypedResults.Created($"/api/v1/address-pools/{name}", PrefixView.Of(prefix, inUse: 0, resting: 0));
        return await answers.TrySaveAsync(db, created, stop) is SaveOutcome.Saved
            ? created
            : Problems.Of(Overlaps, $"{request.Prefix} overlaps a prefix that is in a pool already.");
    }
}

/// <summary>A new pool.</summary>
/// <param name="Name">By which plans name it.</param>
/// <param name="QuarantineSeconds">How long an address rests after its service has ended: an hour by default, at most 30 days.</param>
public sealed record NewPool(
    [Code(64)] string Name, [Range(0, 2_592_000)] int QuarantineSeconds = AddressPool.DefaultQuarantineSeconds);

/// <summary>A prefix for a pool.</summary>
/// <param name="Prefix">Such as <c>100.64.0.0/20</c>, in its canonical form.</param>
/// <param name="Kind">What its pieces are for.</param>
/// <param name="PieceLength">The length of a piece: 32 for v4, by default 64 for v6 and 56 for delegated.</param>
public sealed record NewPrefix([Line(49)] string Prefix, AddressKind Kind, [Range(1, 128)] int? PieceLength = null);

/// <summary>A pool, as the API shows it.</summary>
/// <param name="Name">By which plans name it.</param>
/// <param name="QuarantineSeconds">How long an address rests after its service has ended.</param>
/// <param name="Prefixes">What it gives.</param>
public sealed record PoolView(string Name, int QuarantineSeconds, IReadOnlyList<PrefixView> Prefixes);

/// <summary>A prefix, as the API shows it.</summary>
/// <param name="Prefix">Such as <c>100.64.0.0/20</c>.</param>
/// <param name="Kind">What its pieces are for.</param>
/// <param name="PieceLength">The length of a piece.</param>
/// <param name="Pieces">How many pieces can be given in all.</param>
/// <param name="InUse">How many services have.</param>
/// <param name="Resting">How many services had, not long enough ago to give them to others.</param>
public sealed record PrefixView(string Prefix, AddressKind Kind, int PieceLength, long Pieces, long InUse, long Resting)
{
    internal static PrefixView Of(PoolPrefix prefix, long inUse, long resting)
        => new(prefix.Prefix.ToString(), prefix.Kind, prefix.PieceLength, prefix.Usable, inUse, resting);
}
