using System.Net;
using IspHost.Core.Tenancy;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using Npgsql;

namespace IspHost.Core.Network;

/// <summary>Gives services their addresses. A service keeps what it has got until it ends.</summary>
public sealed class AddressBook(TenantSql sql)
{
    /// <summary>One address of each kind that the pool has; those that the service has already are kept.</summary>
    /// <remarks>
    /// One round trip: <c>host.assign_addresses</c> takes from the list of free pieces, which costs the same whether the pool is
    /// empty or nearly full, and which logins do not hold for each other.
    /// </remarks>
    /// <returns>The addresses, or null if a kind is used up or the service has ended, in which case nothing is given.</returns>
    public async Task<AddressAssignment?> AssignAsync(
        TenantId tenant, SubscriptionId subscription, string pool, CancellationToken cancellationToken)
    {
        var given = await sql.ReadAsync(
            tenant, "select v4, v6, delegated from host.assign_addresses($1, $2)", row => Combine(row, first: 0), cancellationToken,
            subscription.Value, pool);
        return given.SingleOrDefault();
    }

    /// <summary>The addresses in three columns: IPv4, the prefix of the link, and the delegated one.</summary>
    internal static AddressAssignment? Combine(NpgsqlDataReader row, int first)
    {
        IPNetwork? Of(int column) => row.IsDBNull(first + column) ? null : row.GetFieldValue<IPNetwork>(first + column);
        var (v4, v6, delegated) = (Of(0), Of(1), Of(2));
        return v4 is null && v6 is null && delegated is null
            ? null
            : new AddressAssignment { V4 = v4?.BaseAddress, V6 = v6, Delegated = delegated };
    }
}
