using IspHost.Sdk;
using IspHost.Sdk.Rating;
using IspHost.Sdk.Usage;

namespace IspHost.Plugins.Billing;

/// <summary>Usage that waits for its price.</summary>
/// <param name="Due">The interval.</param>
/// <param name="Item">What the rule sees.</param>
/// <param name="Bytes">All usage of the interval.</param>
/// <param name="Earlier">What has been billed of it; null if it is billed for the first time.</param>
sealed record UsageCandidate(Due Due, RatingItem Item, long Bytes, EarlierUsage? Earlier)
{
    public string Rule => Due.Version.Price.Usage!.Rule;

    public string? RuleHash => Due.Version.Price.Usage!.RuleHash;

    public static UsageCandidate Of(Due due, Party party, Currency currency, IEnumerable<HourlyUsage> hours, EarlierUsage? earlier)
    {
        var mine = hours.Where(hour => due.Served.Contains(hour.Hour.Date)).ToList();
        var bytes = mine.Sum(hour => checked(hour.Up.Bytes + hour.Down.Bytes));
        var item = new RatingItem
        {
            Quantity = new DataVolume(bytes).Gigabytes,
            Rate = due.Version.Price.Usage!.Rate,
            Currency = currency.Code,
            Account = party.On(due.Served.End.PlusDays(-1)),
            Period = new(due.Served.Start.ToDateOnly(), due.Served.End.ToDateOnly()),
            Plan = due.Version.PlanCode,
            Usage = [.. mine.Select(Entry)],
        };
        return new(due, item, bytes, earlier);
    }

    static UsageEntry Entry(HourlyUsage hour)
        => new(hour.Hour.ToDateTimeOffset(), "data", "", 0, (hour.Up + hour.Down).Gigabytes);
}

/// <summary>What has been billed of an interval's usage, by all lines together.</summary>
sealed record EarlierUsage(
    SubscriptionId Subscription, ContractVersionId Version, DateRange Period, long Bytes, long NetMinor, short LastSequence);
