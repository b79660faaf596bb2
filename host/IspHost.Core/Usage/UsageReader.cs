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
    /// Nearly all records have an hour of their own. To sum and to sort them takes PostgreSQL several times as long as to find them, so the
    /// few that share an hour are put together here.
    /// </remarks>
    static async Task<IReadOnlyList<HourlyUsage>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<SubscriptionId> subscriptions, Interval interval, DateTimeZone zone,
        CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("""
            select subscription_id, started_at, bytes_up, bytes_down from host.usage
            where subscription_id = any ($1) and started_at >= $2 and started_at < $3
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. subscriptions.Select(subscription => subscription.Value)] });
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = interval.Start });
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = interval.End });
        await using var reader = await command.ExecuteReaderAsync(stop);
        var records = new List<(Guid Subscription, Instant Start, long Up, long Down)>();
        while (await reader.ReadAsync(stop))
            records.Add((reader.GetGuid(0), reader.GetFieldValue<Instant>(1), reader.GetInt64(2), reader.GetInt64(3)));
        records.Sort((one, other)
            => one.Subscription.CompareTo(other.Subscription) is not 0 and var order ? order : one.Start.CompareTo(other.Start));
        return ByHour(records, zone);
    }

    static List<HourlyUsage> ByHour(List<(Guid Subscription, Instant Start, long Up, long Down)> records, DateTimeZone zone)
    {
        var hours = new List<HourlyUsage>(records.Count);
        foreach (var (subscription, start, up, down) in records)
            Add(hours, new(new(subscription), HourOf(start, zone), new(up), new(down)));
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
