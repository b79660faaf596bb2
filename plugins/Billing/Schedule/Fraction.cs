using IspHost.Sdk;
using IspHost.Sdk.Contracts;

namespace IspHost.Plugins.Billing;

/// <summary>What part of an interval's price is owed, in whole numbers so that it can be checked on paper.</summary>
readonly record struct Fraction(int Numerator, int Denominator)
{
    public static readonly Fraction Whole = new(1, 1);

    static readonly Fraction Nothing = new(0, 1);

    /// <summary>The part that these days of the interval cost.</summary>
    /// <param name="policy">The policy that the contract names.</param>
    /// <param name="interval">The whole interval, as if the service had run through all of it.</param>
    /// <param name="used">The days that are billed: apart from each other and inside the interval.</param>
    public static Fraction Of(Proration policy, ServiceInterval interval, IReadOnlyCollection<DateRange> used)
    {
        var days = used.Sum(range => range.Days);
        return policy switch
        {
            _ when days == 0 => Nothing,
            _ when days == interval.Days.Days => Whole,
            Proration.ActualDays => new(days, interval.Days.Days),
            Proration.ThirtyDays => new(ThirtyDays(interval, used), 30 * interval.Months),
            Proration.FullPeriod => Whole,
            Proration.None => Nothing,
            _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, null),
        };
    }

    public Money Of(Money price) => price with { Amount = price.Amount * Numerator / Denominator };

    /// <summary>A month that was used in full counts as 30 days, whatever its length: February is no cheaper.</summary>
    static int ThirtyDays(ServiceInterval interval, IReadOnlyCollection<DateRange> used)
        => interval.EachMonth().Sum(month =>
        {
            var days = used.Sum(range => range.Intersect(month)?.Days ?? 0);
            return days == month.Days ? 30 : Math.Min(30, days);
        });
}
