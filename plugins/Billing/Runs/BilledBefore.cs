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
        var ids = subscriptions.Select(subscription => subscription.Value).Distinct().ToArray();
        var days = await connection.ReadAsync("""
            select subscription_id, component, contract_version_id, lower(days), upper(days)
            from (
              select subscription_id, component, contract_version_id, unnest(range_agg(period)) as days from billing.obligation
              where tenant_id = $1 and subscription_id = any ($2) and sequence = 0
              group by subscription_id, component, contract_version_id
            ) as billed
            """,
            [Arg(tenant.Value), Arg(ids)],
            row => new BilledDays(
                new(row.GetGuid(0)), ComponentNames.Parse(row.GetString(1)), new(row.GetGuid(2)), new(row.Date(3), row.Date(4))),
            cancellationToken);
        var usage = await connection.ReadAsync("""
            select o.subscription_id, o.contract_version_id, lower(o.period), upper(o.period),
              sum(l.bytes)::bigint, sum(l.net_minor)::bigint, max(o.sequence)
            from billing.obligation o join billing.invoice_line l using (tenant_id, invoice_id, line_no)
            where o.tenant_id = $1 and o.subscription_id = any ($2) and o.component = 'usage' and upper(o.period) >= $3
            group by o.subscription_id, o.contract_version_id, o.period
            """,
            [Arg(tenant.Value), Arg(ids), Arg(period.Start - LateUsageWindow)],
            row => new EarlierUsage(
                new(row.GetGuid(0)), new(row.GetGuid(1)), new(row.Date(2), row.Date(3)), row.GetInt64(4), row.GetInt64(5), row.GetInt16(6)),
            cancellationToken);
        return new(new Coverage(days), usage.ToLookup(row => row.Subscription));
    }
}
