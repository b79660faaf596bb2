using System.Net;
using IspHost.Core.Database;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Subscribers;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Network;

/// <summary>Gives services their addresses. A service keeps what it has got until it ends.</summary>
public sealed class AddressBook(TenantDatabase<IspDb> database)
{
    /// <summary>One address of each kind that the pool has; those that the service has already are kept.</summary>
    /// <returns>The addresses, or null if a kind is used up, in which case nothing is given.</returns>
    public async Task<AddressAssignment?> AssignAsync(
        TenantId tenant, SubscriptionId subscription, string pool, CancellationToken cancellationToken)
    {
        try
        {
            return await database.InTransactionAsync(tenant, (db, stop) => AssignAsync(db, subscription, pool, stop), cancellationToken);
        }
        catch (PoolExhaustedException)
        {
            return null;
        }
    }

    static async Task<AddressAssignment?> AssignAsync(IspDb db, SubscriptionId subscription, string pool, CancellationToken stop)
    {
        // The pool's row is the lock: whoever comes second waits here, and then sees what the first has taken.
        await db.Database.ExecuteSqlAsync($"select from host.address_pool where name = {pool} for update", stop);
        var prefixes = await db.PoolPrefixes.Where(prefix => prefix.Pool == pool).OrderBy(prefix => prefix.Prefix).ToListAsync(stop);
        var held = await db.AssignedAddresses.Where(address => address.SubscriptionId == subscription).ToListAsync(stop);

        foreach (var kind in prefixes.GroupBy(prefix => prefix.Kind).Where(kind => held.TrueForAll(address => address.Kind != kind.Key)))
        {
            var address = await TakeAsync(db, subscription, kind, stop) ?? throw new PoolExhaustedException();
            db.AssignedAddresses.Add(address);
            held.Add(address);
        }
        await db.SaveChangesAsync(stop);
        return Combine(held);
    }

    static async Task<AssignedAddress?> TakeAsync(
        IspDb db, SubscriptionId subscription, IEnumerable<PoolPrefix> prefixes, CancellationToken stop)
    {
        foreach (var prefix in prefixes)
        {
            if (prefix.NextPiece < prefix.Pieces)
                return Assignment(subscription, prefix, prefix.Piece(prefix.NextPiece++));
            if (await FirstReturnedAsync(db, prefix, stop) is { } returned)
                return Assignment(subscription, prefix, returned);
        }
        return null;
    }

    /// <summary>The first piece that was given away once and has come back: the numbers below the mark minus those in use.</summary>
    static async Task<IPNetwork?> FirstReturnedAsync(IspDb db, PoolPrefix prefix, CancellationToken stop)
    {
        var used = await db.AssignedAddresses
            .Where(address => address.Prefix == prefix.Prefix)
            .Select(address => address.Address)
            .ToHashSetAsync(stop);
        var first = prefix.Kind is AddressKind.V4 && prefix.Prefix.PrefixLength < 31 ? 1L : 0L;
        for (var number = first; number < prefix.NextPiece; number++)
        {
            if (!used.Contains(prefix.Piece(number)))
                return prefix.Piece(number);
        }
        return null;
    }

    static AssignedAddress Assignment(SubscriptionId subscription, PoolPrefix prefix, IPNetwork piece)
        => new() { SubscriptionId = subscription, Kind = prefix.Kind, Address = piece, Prefix = prefix.Prefix };

    internal static AddressAssignment? Combine(IReadOnlyCollection<AssignedAddress> addresses)
    {
        if (addresses.Count == 0)
            return null;
        IPNetwork? Of(AddressKind kind)
            => addresses.Where(address => address.Kind == kind).Select(address => (IPNetwork?)address.Address).SingleOrDefault();
        return new AddressAssignment
        {
            V4 = Of(AddressKind.V4)?.BaseAddress,
            V6 = Of(AddressKind.V6),
            Delegated = Of(AddressKind.Delegated),
        };
    }

    /// <summary>Rolls the transaction back, so that no kind is given when another is used up.</summary>
    sealed class PoolExhaustedException : Exception;
}
