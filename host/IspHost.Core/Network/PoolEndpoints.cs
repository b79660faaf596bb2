using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
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

        pools.MapPost("/", Create);
        pools.MapGet("/", List);
        pools.MapPost("/{name}/prefixes", AddPrefix);
    }

    static async Task<Results<Created<PoolView>, ProblemHttpResult>> Create(
        NewPool request, CurrentTenant current, TenantDatabase<IspDb> database, Answers answers, CancellationToken stop)
    {
        if (request.Problem() is { } problem)
            return problem;
        await using var db = database.Open(current.Id);
        db.AddressPools.Add(new AddressPool { Name = request.Name, QuarantineSeconds = request.QuarantineSeconds });
        db.Audit(current.Caller, "address_pool.create", $"address_pool/{request.Name}");
        var created = TypedResults.Created(
            $"/api/v1/address-pools/{request.Name}", new PoolView(request.Name, request.QuarantineSeconds, []));
        return await answers.TrySaveAsync(db, created, stop) is SaveOutcome.Saved
            ? created
            : Problems.Conflict("pool-exists", $"There is an address pool '{request.Name}' already.");
    }

    static async Task<Ok<Page<PoolView>>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, IClock clock, CancellationToken stop, string? cursor = null, int limit = 50)
    {
        var size = Page.Size(limit);
        await using var db = database.Open(current.Id);
        var pools = await db.AddressPools.AsNoTracking()
            .Where(pool => cursor == null || string.Compare(pool.Name, cursor) > 0)
            .OrderBy(pool => pool.Name)
            .Take(size + 1)
            .ToListAsync(stop);
        var views = await ViewsAsync(db, pools, clock.GetCurrentInstant(), stop);
        return TypedResults.Ok(Page.Of(views, size, pool => pool.Name));
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
            : Problems.Conflict("prefix-overlaps", $"{request.Prefix} overlaps a prefix that is in a pool already.");
    }
}

/// <summary>A new pool.</summary>
/// <param name="Name">Lower-case letters, digits and hyphens, at most 64.</param>
/// <param name="QuarantineSeconds">How long an address rests after its service has ended: an hour by default, at most 30 days.</param>
public sealed record NewPool(string Name, int QuarantineSeconds = AddressPool.DefaultQuarantineSeconds)
{
    internal ProblemHttpResult? Problem() => new FieldRules()
        .Check("name", Rules.IsCode(Name, 64), "lower-case letters, digits and hyphens, 1 to 64")
        .Check("quarantine_seconds", QuarantineSeconds is >= 0 and <= 2_592_000, "0 to 2592000, which is 30 days")
        .Problem;
}

/// <summary>A prefix for a pool.</summary>
/// <param name="Prefix">Such as <c>100.64.0.0/20</c>, in its canonical form.</param>
/// <param name="Kind">What its pieces are for.</param>
/// <param name="PieceLength">The length of a piece: 32 for v4, by default 64 for v6 and 56 for delegated.</param>
public sealed record NewPrefix(string Prefix, AddressKind Kind, int? PieceLength = null);

/// <summary>A pool, as the API shows it.</summary>
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
