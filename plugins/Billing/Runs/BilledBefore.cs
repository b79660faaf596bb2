using IspHost.Sdk;
using NodaTime;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>What earlier runs have billed of some services.</summary>
sealed record BilledBefore(Coverage Coverage, ILookup<SubscriptionId, EarlierUsage> Usage)
{
    /// <summary>How long before the period an interval may have ended whose usage is compared with what was billed of it.</summary>
    /// <remarks>Reading usage back to the beginning would make each run slower than the one before.</remarks>
    static readonly Period LateUsageWindow = Period.FromDays(31);

    public static async Task<BilledBefore> ReadAsync(
        NpgsqlConnection connection, TenantId tenant, IEnumerable<SubscriptionId> subscriptions, DateRange period,
        CancellationToken cancellationToken)
    {
        // One look into the index for each service: that stays fast while the table grows faster than its statistics. It asks for all
        // sequences, for else PostgreSQL takes the exclusion constraint's index, which is twice as slow as the primary key's.
        var ids = subscriptions.Select(subscription => subscription.Value).Distinct().ToArray();
        var days = await connection.ReadAsync("""
            select s.id, billed.component, billed.contract_version_id, lower(billed.days), upper(billed.days)
            from unnest($2) as s (id) cross join lateral (
              select component, contract_version_id, unnest(range_agg(period) filter (where sequence = 0)) as days
              from billing.obligation where tenant_id = $1 and subscription_id = s.id
              group by component, contract_version_id) as billed
            """,
            [Arg(tenant.Value), Arg(ids)],
            row => new BilledDays(
                new(row.GetGuid(0)), ComponentNames.Parse(row.GetString(1)), new(row.GetGuid(2)), new(row.Date(3), row.Date(4))),
            cancellationToken);
        var usage = await connection.ReadAsync("""
            select s.id, billed.contract_version_id, lower(billed.period), upper(billed.period), billed.bytes, billed.net, billed.sequence
            from unnest($2) as s (id) cross join lateral (
              select o.contract_version_id, o.period, sum(l.bytes)::bigint as bytes, sum(l.net_minor)::bigint as net,
                max(o.sequence) as sequence
              from billing.obligation o join billing.invoice_line l using (tenant_id, invoice_id, line_no)
              where o.tenant_id = $1 and o.subscription_id = s.id and o.component = 'usage' and upper(o.period) >= $3
              group by o.contract_version_id, o.period) as billed
            """,
            [Arg(tenant.Value), Arg(ids), Arg(period.Start - LateUsageWindow)],
            row => new EarlierUsage(
                new(row.GetGuid(0)), new(row.GetGuid(1)), new(row.Date(2), row.Date(3)), row.GetInt64(4), row.GetInt64(5), row.GetInt16(6)),
            cancellationToken);
        return new(new Coverage(days), usage.ToLookup(row => row.Subscription));
    }
}
