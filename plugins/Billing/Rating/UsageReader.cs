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

    /// <summary>The usage of these services on all days from the first interval's start to the last one's end.</summary>
    public async Task<ILookup<SubscriptionId, HourlyUsage>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<Due> dues, CancellationToken cancellationToken)
    {
        var hours = new List<HourlyUsage>();
        if (dues.Count > 0)
        {
            var days = new DateRange(dues.Min(due => due.Served.Start), dues.Max(due => due.Served.End));
            var subscriptions = dues.Select(due => due.Version.Subscription).Distinct();
            foreach (var some in subscriptions.Chunk(MostSubscriptions))
            {
                foreach (var part in Parts(days))
                    hours.AddRange(await usage.ReadAsync(tenant, some, part, cancellationToken));
            }
        }
        return hours.ToLookup(hour => hour.Subscription);
    }

    static IEnumerable<DateRange> Parts(DateRange days)
    {
        for (var start = days.Start; start < days.End; start = start.PlusDays(MostDays))
            yield return new(start, LocalDate.Min(days.End, start.PlusDays(MostDays)));
    }
}
