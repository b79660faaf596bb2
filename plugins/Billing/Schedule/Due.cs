using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using NodaTime;

namespace IspHost.Plugins.Billing;

/// <summary>Something that a contract version owes for an interval.</summary>
/// <param name="Version">The terms.</param>
/// <param name="Component">What for.</param>
/// <param name="Interval">The whole interval.</param>
/// <param name="Served">Its days on which the version was in force.</param>
sealed record Due(ContractVersion Version, Component Component, ServiceInterval Interval, DateRange Served)
{
    /// <summary>The days of the interval that the recurring price is owed for. Usage is owed on a hold, too, if there is any.</summary>
    public IReadOnlyList<DateRange> Used => Served.Without(Version.Holds);

    /// <summary>What the contract version owes in a run for this period, whether or not it has been billed.</summary>
    /// <remarks>Whoever missed a run finds here what that run would have billed.</remarks>
    public static IEnumerable<Due> In(ContractVersion version, DateRange period)
    {
        var horizon = period.End.PlusDays(1);
        if (version.From >= horizon || version.To <= version.From)
            yield break;
        var inForce = new DateRange(version.From, version.To is { } to && to < horizon ? to : horizon);
        foreach (var interval in Intervals(version.Price, inForce))
        {
            if (interval.Days.Intersect(new(version.From, version.To ?? LocalDate.MaxIsoValue)) is not { } served)
                continue;
            var due = new Due(version, Component.Recurring, interval, served);
            if (due.IsRecurringIn(period))
                yield return due;
            if (version.Price.Usage is not null && served.End <= period.End)
                yield return due with { Component = Component.Usage };
        }
    }

    static IEnumerable<ServiceInterval> Intervals(PriceTerms price, DateRange range)
    {
        for (var interval = ServiceInterval.Containing(range.Start, price.Anchor, price.IntervalMonths);
             interval.Days.Start < range.End;
             interval = interval.Next)
            yield return interval;
    }

    bool IsRecurringIn(DateRange period)
    {
        if (Version.Price.Recurring is { Amount: 0m } || Used.Count == 0)
            return false;
        return Version.Price.Timing == CollectionTiming.Advance ? Served.Start <= period.End : Served.End <= period.End;
    }
}
