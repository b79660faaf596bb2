using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Usage;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Usage;

/// <summary>Usage by clock hour, for billing.</summary>
sealed class UsageReader(TenantDatabase<IspDb> database, TenantDirectory tenants) : IUsage
{
    public Task<IReadOnlyList<HourlyUsage>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<SubscriptionId> subscriptions, DateRange days, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(subscriptions.Count, 1000, nameof(subscriptions));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days.Days, 400, nameof(days));
        var zone = tenants.Find(tenant)!.Zone;
        return database.OnConnectionAsync(
            tenant, (connection, stop) => ReadAsync(connection, subscriptions, days.InZone(zone), zone, stop), cancellationToken);
    }

    /// <remarks>
    /// Cutting the instant to the hour is the clock hour of every zone whose offset is a whole number of hours; for the others
    /// PostgreSQL cuts to the quarter, which the tenant's zone then puts into its hour.
    /// </remarks>
    static async Task<IReadOnlyList<HourlyUsage>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<SubscriptionId> subscriptions, Interval interval, DateTimeZone zone,
        CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("""
            select subscription_id, date_bin('15 minutes', started_at, 'epoch') as quarter, sum(bytes_up)::bigint, sum(bytes_down)::bigint
            from host.usage
            where subscription_id = any ($1) and started_at >= $2 and started_at < $3
            group by 1, 2 order by 1, 2
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. subscriptions.Select(subscription => subscription.Value)] });
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = interval.Start });
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = interval.End });
        await using var reader = await command.ExecuteReaderAsync(stop);
        var hours = new List<HourlyUsage>();
        while (await reader.ReadAsync(stop))
        {
            Add(hours, new HourlyUsage(
                new SubscriptionId(reader.GetGuid(0)),
                HourOf(reader.GetFieldValue<Instant>(1), zone),
                new DataVolume(reader.GetInt64(2)),
                new DataVolume(reader.GetInt64(3))));
        }
        return hours;
    }

    static OffsetDateTime HourOf(Instant instant, DateTimeZone zone)
    {
        var local = instant.InZone(zone);
        return local.LocalDateTime.With(TimeAdjusters.TruncateToHour).WithOffset(local.Offset);
    }

    static void Add(List<HourlyUsage> hours, HourlyUsage next)
    {
        if (hours.Count > 0 && hours[^1] is var last && (last.Subscription, last.Hour) == (next.Subscription, next.Hour))
            hours[^1] = last with { Up = last.Up + next.Up, Down = last.Down + next.Down };
        else
            hours.Add(next);
    }
}
