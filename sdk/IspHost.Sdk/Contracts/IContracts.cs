using System.Text.Json.Serialization;
using NodaTime;

namespace IspHost.Sdk.Contracts;

/// <summary>Reads what the services of customers run on.</summary>
[HostService]
public interface IContracts
{
    /// <summary>All contract versions of these customers that were in force on some day before <paramref name="until"/>.</summary>
    /// <returns>By customer, then subscription, then <see cref="ContractVersion.From"/>.</returns>
    Task<IReadOnlyList<ContractVersion>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<CustomerId> customers, LocalDate until, CancellationToken cancellationToken);
}

/// <summary>The terms of one service during some days: everything that its price depends on, as it was agreed.</summary>
/// <remarks>At most one is in force on a day. Publishing a new version of the plan never changes one.</remarks>
public sealed record ContractVersion
{
    /// <summary>Its identity.</summary>
    public required ContractVersionId Id { get; init; }

    /// <summary>The service.</summary>
    public required SubscriptionId Subscription { get; init; }

    /// <summary>Who pays.</summary>
    public required CustomerId Customer { get; init; }

    /// <summary>The plan that it was made from.</summary>
    public required string PlanCode { get; init; }

    /// <summary>What stands on the invoice.</summary>
    public required string PlanName { get; init; }

    /// <summary>The first day.</summary>
    public required LocalDate From { get; init; }

    /// <summary>The day after the last one; null while it is open.</summary>
    public LocalDate? To { get; init; }

    /// <summary>Days on which the customer put the service on hold: they are not billed.</summary>
    public IReadOnlyList<DateRange> Holds { get; init; } = [];

    /// <summary>What it costs.</summary>
    public required PriceTerms Price { get; init; }
}

/// <summary>How a service is priced.</summary>
public sealed record PriceTerms
{
    /// <summary>The price of one interval, net; null means that no price was agreed, which blocks billing and never means free.</summary>
    public required Money? Recurring { get; init; }

    /// <summary>The length of an interval in calendar months: 1, 3, 6 or 12.</summary>
    public int IntervalMonths { get; init; } = 1;

    /// <summary>Whether an interval is billed when it begins or when it has ended.</summary>
    public CollectionTiming Timing { get; init; } = CollectionTiming.Arrears;

    /// <summary>The date that intervals are counted from; its day of month is kept for ever, at the end of shorter months.</summary>
    public required LocalDate Anchor { get; init; }

    /// <summary>What an interval costs that the service ran for only in part.</summary>
    public Proration Proration { get; init; } = Proration.ActualDays;

    /// <summary>How usage is priced; null if it costs nothing extra.</summary>
    public UsageTerms? Usage { get; init; }

    /// <summary>The tax class of the service, as the tax engine knows it.</summary>
    public string TaxClass { get; init; } = "standard";
}

/// <summary>How the usage of an interval is priced.</summary>
public sealed record UsageTerms
{
    /// <summary>The name of the rating extension: <c>script</c> for a price script, or a plugin's.</summary>
    public required string Rule { get; init; }

    /// <summary>For a script, the SHA-256 of its revision, in lower-case hexadecimal; null for a plugin's rule.</summary>
    public string? RuleHash { get; init; }

    /// <summary>The price of one billion bytes, with at most 8 decimals: <c>Rate</c> to the rule.</summary>
    [JsonConverter(typeof(DecimalString))]
    public required decimal Rate { get; init; }
}

/// <summary>When an interval is billed.</summary>
public enum CollectionTiming
{
    /// <summary>When it begins.</summary>
    Advance,

    /// <summary>When it has ended.</summary>
    Arrears,
}

/// <summary>What part of an interval's price some of its days cost.</summary>
public enum Proration
{
    /// <summary>Days used over days of the interval.</summary>
    ActualDays,

    /// <summary>Days used, 30 at most a month, over 30 for each month.</summary>
    ThirtyDays,

    /// <summary>The whole price, however few days.</summary>
    FullPeriod,

    /// <summary>Nothing, unless all days were used.</summary>
    None,
}
