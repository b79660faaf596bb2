using IspHost.Sdk;
using NodaTime;

namespace IspHost.Plugins.Billing;

/// <summary>Interval number <see cref="Index"/> of a service, counted from its anchor; negative ones lie before it.</summary>
/// <remarks>
/// It is a function of the anchor and the number, never of the interval before: an anchor on the 31st gives 28 February and then
/// 31 March again.
/// </remarks>
readonly record struct ServiceInterval(LocalDate Anchor, int Months, int Index)
{
    public DateRange Days => new(Anchor.PlusMonths(Index * Months), Anchor.PlusMonths((Index + 1) * Months));

    public ServiceInterval Next => this with { Index = Index + 1 };

    /// <summary>The interval cut into single months, by the same rule.</summary>
    public IEnumerable<DateRange> EachMonth()
    {
        for (var month = Index * Months; month < (Index + 1) * Months; month++)
            yield return new(Anchor.PlusMonths(month), Anchor.PlusMonths(month + 1));
    }

    /// <summary>The interval that contains the day.</summary>
    public static ServiceInterval Containing(LocalDate day, LocalDate anchor, int months)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(months, 1);
        var monthsApart = (day.Year - anchor.Year) * 12 + day.Month - anchor.Month;
        var interval = new ServiceInterval(anchor, months, monthsApart / months - 2);
        while (interval.Days.End <= day)
            interval = interval.Next;
        return interval;
    }
}
