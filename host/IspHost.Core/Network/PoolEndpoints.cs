using System.Net;
using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Network;

/// <summary>The address pools of a tenant.</summary>
public static class PoolEndpoints
{
    /// <summary>Maps <c>/address-pools</c>.</summary>
    public static void MapAddressPools(this IEndpointRouteBuilder api)
    {
        var pools = api.MapGroup("/address-pools").WithTags("Network").RequireAuthorization(Policies.Tenant);

        pools.MapPost("/", Create);
        pools.MapGet("/", List);
        pools.MapPost("/{name}/prefixes", AddPrefix);
    }

    static async Task<Results<Created<PoolView>, ProblemHttpResult>> Create(
        NewPool request, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        if (!Rules.IsCode(request.Name, 64))
            return Problems.Field("name", "lower-case letters, digits and hyphens, 1 to 64");
        await using var db = database.Open(current.Id);
        db.AddressPools.Add(new AddressPool { Name = request.Name });
        db.Audit(current.Caller, "address_pool.create", $"address_pool/{request.Name}");
        return await db.TrySaveAsync(stop) is SaveOutcome.Saved
            ? TypedResults.Created($"/api/v1/address-pools/{request.Name}", new PoolView(request.Name, []))
            : Problems.Conflict("pool-exists", $"There is an address pool '{request.Name}' already.");
    }

    static async Task<Ok<List<PoolView>>> List(CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        var names = await db.AddressPools.AsNoTracking().OrderBy(pool => pool.Name).Select(pool => pool.Name).ToListAsync(stop);
        var prefixes = (await db.PoolPrefixes.AsNoTracking().ToListAsync(stop)).ToLookup(prefix => prefix.Pool);
        return TypedResults.Ok(names.ConvertAll(name => new PoolView(name, [.. prefixes[name].Select(PrefixView.Of)])));
    }

    static async Task<Results<Created<PrefixView>, NotFound, ProblemHttpResult>> AddPrefix(
        string name, NewPrefix request, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        if (!IPNetwork.TryParse(request.Prefix, out var network))
            return Problems.Field("prefix", "a prefix without host bits, such as 100.64.0.0/20 or 2001:db8::/40");
        var (prefix, broken) = PoolPrefix.Cut(name, network, request.Kind, request.PieceLength);
        if (prefix is null)
            return Problems.Field("prefix", broken!);

        await using var db = database.Open(current.Id);
        if (!await db.AddressPools.AnyAsync(pool => pool.Name == name, stop))
            return TypedResults.NotFound();
        db.PoolPrefixes.Add(prefix);
        db.Audit(current.Caller, "address_pool.add_prefix", $"address_pool/{name}", new { request.Prefix, request.Kind });
        return await db.TrySaveAsync(stop) is SaveOutcome.Saved
            ? TypedResults.Created($"/api/v1/address-pools/{name}", PrefixView.Of(prefix))
            : Problems.Conflict("prefix-overlaps", $"{request.Prefix} overlaps a prefix that is in a pool already.");
    }
}

/// <summary>The name of a new pool.</summary>
public sealed record NewPool(string Name);

/// <summary>A prefix for a pool.</summary>
/// <param name="Prefix">Such as <c>100.64.0.0/20</c>.</param>
/// <param name="Kind">What its pieces are for.</param>
/// <param name="PieceLength">The length of a piece: by default 32, 64 for v6, 56 for delegated.</param>
public sealed record NewPrefix(string Prefix, AddressKind Kind, int? PieceLength = null);

/// <summary>A pool, as the API shows it.</summary>
public sealed record PoolView(string Name, IReadOnlyList<PrefixView> Prefixes);

/// <summary>A prefix, as the API shows it.</summary>
public sealed record PrefixView(string Prefix, AddressKind Kind, int PieceLength, long Pieces, long NeverGiven)
{
    internal static PrefixView Of(PoolPrefix prefix)
        => new(prefix.Prefix.ToString(), prefix.Kind, prefix.PieceLength, prefix.Pieces, prefix.Pieces - prefix.NextPiece);
}
