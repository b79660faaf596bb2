using IspHost.Sdk;
using IspHost.Sdk.Usage;
using NodaTime;

namespace IspHost.Plugins.Billing;

/// <summary>Reads the usage of many intervals with few questions.</summary>
sealed class UsageReader(IUsage usage)
{
    // What IUsage takes at once.
    const int MostSubscriptions = 1_000;
    const int MostDays = 400;

    /// <summary>The usage of the days of each interval; some more may be there.</summary>
    /// <remarks>
    /// Intervals that begin in one month are read together: most do. Whoever was not billed for years has years read of his own, and
    /// not of all others in the piece.
    /// </remarks>
    public async Task<Func<Due, IEnumerable<HourlyUsage>>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<Due> dues, CancellationToken cancellationToken)
    {
        var months = new Dictionary<YearMonth, ILookup<SubscriptionId, HourlyUsage>>();
        foreach (var month in dues.GroupBy(MonthOf))
            months[month.Key] = await ReadMonthAsync(tenant, [.. month], cancellationToken);
        return due => months[MonthOf(due)][due.Version.Subscription];
    }

    async Task<ILookup<SubscriptionId, HourlyUsage>> ReadMonthAsync(
        TenantId tenant, IReadOnlyCollection<Due> dues, CancellationToken cancellationToken)
    {
        var hours = new List<HourlyUsage>();
        var days = new DateRange(dues.Min(due => due.Served.Start), dues.Max(due => due.Served.End));
        foreach (var some in dues.Select(due => due.Version.Subscription).Distinct().Chunk(MostSubscriptions))
        {
            foreach (var part in Parts(days))
                hours.AddRange(await usage.ReadAsync(tenant, some, part, cancellationToken));
        }
        return hours.ToLookup(hour => hour.Subscription);
    }

    static YearMonth MonthOf(Due due) => due.Served.Start.ToYearMonth();

    static IEnumerable<DateRange> Parts(DateRange days)
    {
        for (var start = days.Start; start < days.End; start = start.PlusDays(MostDays))
            yield return new(start, LocalDate.Min(days.End, start.PlusDays(MostDays)));
    }
}
