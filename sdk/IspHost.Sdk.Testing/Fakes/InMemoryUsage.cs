using System.Collections.Concurrent;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Usage;
using NodaTime;

namespace IspHost.Sdk.Testing;

/// <summary>Usage that a test adds, summed by clock hour as the host does.</summary>
/// <param name="tenants">Knows the zone whose hours are meant.</param>
public sealed class InMemoryUsage(ITenants tenants) : IUsage
{
    readonly ConcurrentDictionary<(TenantId, Guid, Instant), UsageRecord> all = [];

    /// <summary>Adds a record; the same record again changes nothing.</summary>
    public void Add(TenantId tenant, UsageRecord record) => all.TryAdd((tenant, record.Id, record.Start), record);

    /// <summary>Adds usage of one second.</summary>
    public void Add(TenantId tenant, SubscriptionId subscription, Instant at, DataVolume up, DataVolume down) => Add(tenant, new UsageRecord
    {
        Id = Guid.CreateVersion7(),
        Subscription = subscription,
        Start = at,
        End = at + Duration.FromSeconds(1),
        Up = up,
        Down = down,
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<HourlyUsage>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<SubscriptionId> subscriptions, DateRange days, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(subscriptions.Count, 1000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days.Days, 400);
        cancellationToken.ThrowIfCancellationRequested();
        var zone = (tenants.Find(tenant) ?? throw new ArgumentException($"There is no tenant {tenant}.", nameof(tenant))).Zone;
        var interval = days.InZone(zone);
        return Task.FromResult<IReadOnlyList<HourlyUsage>>([.. all
            .Where(entry => entry.Key.Item1 == tenant)
            .Select(entry => entry.Value)
            .Where(record => subscriptions.Contains(record.Subscription) && interval.Contains(record.Start))
            .GroupBy(record => (record.Subscription, Hour: HourOf(record.Start.InZone(zone))))
            .OrderBy(group => group.Key.Subscription.Value)
            .ThenBy(group => group.Key.Hour.ToInstant())
            .Select(group => new HourlyUsage(group.Key.Subscription, group.Key.Hour, Sum(group, r => r.Up), Sum(group, r => r.Down)))]);
    }

    static OffsetDateTime HourOf(ZonedDateTime at) => at.LocalDateTime.With(TimeAdjusters.TruncateToHour).WithOffset(at.Offset);

    static DataVolume Sum(IEnumerable<UsageRecord> records, Func<UsageRecord, DataVolume> direction)
        => records.Aggregate(default(DataVolume), (sum, record) => sum + direction(record));
}
