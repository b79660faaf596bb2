using System.ComponentModel.DataAnnotations;
using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using NodaTime;

namespace IspHost.Core.Catalog;

/// <summary>What a version of a plan is made from: the file that <c>plans create</c> reads, too.</summary>
public sealed record PlanTerms
{
    /// <summary>Names the plan.</summary>
    [Code(64)]
    public required string Code { get; init; }

    /// <summary>What stands on invoices.</summary>
    [Line(200)]
    public required string Name { get; init; }

    /// <summary>What a session may do.</summary>
    public required NetworkTerms Network { get; init; }

    /// <summary>What it costs.</summary>
    public required PlanPrice Price { get; init; }

    internal ProblemHttpResult? Problem(Currency tenantCurrency) => new FieldRules()
        .Check("network.up", Network.Up.BitsPerSecond > 0, "bits a second, above 0")
        .Check("network.down", Network.Down.BitsPerSecond > 0, "bits a second, above 0")
        .Check("network.throttled", Network.Throttled.BitsPerSecond > 0, "bits a second, above 0")
        .Check(
            "price.recurring.amount", Price.Recurring is null || IsPrice(Price.Recurring.Value.Amount),
            "not negative, with at most 8 decimals")
        .Check(
            "price.recurring.currency", Price.Recurring is null || Price.Recurring.Value.Currency == tenantCurrency,
            $"the tenant's currency, {tenantCurrency}")
        .Check("price.usage.rate", Price.Usage is null || IsPrice(Price.Usage.Rate), "not negative, with at most 8 decimals")
        .Check(
            "price.usage.script", Price.Usage is null || (Price.Usage.Rule == "script") == (Price.Usage.Script is not null),
            "given if, and only if, the rule is script")
        .Problem;

    internal PlanVersion ToVersion(PlanId plan, int version, Currency currency, string? ruleHash, Instant now) => new()
    {
        PlanId = plan,
        Version = version,
        Name = Name,
        PublishedAt = now,
        Up = Network.Up,
        Down = Network.Down,
        Throttled = Network.Throttled,
        Pool = Network.Pool,
        SessionLimit = Network.SessionLimit ?? 0,
        InterimSeconds = Network.InterimSeconds,
        Recurring = Price.Recurring?.Amount,
        Currency = currency,
        IntervalMonths = Price.IntervalMonths,
        Timing = Price.Timing,
        Proration = Price.Proration,
        UsageRule = Price.Usage?.Rule,
        UsageRuleHash = ruleHash,
        UsageRate = Price.Usage?.Rate,
        TaxClass = Price.TaxClass,
    };

    static bool IsPrice(decimal amount) => amount is >= 0m and < 1_000_000_000_000m && amount.Scale <= 8;
}

/// <summary>The network side of a plan. Speeds are bits a second.</summary>
public sealed record NetworkTerms
{
    /// <summary>From the subscriber.</summary>
    public required BitRate Up { get; init; }

    /// <summary>To the subscriber.</summary>
    public required BitRate Down { get; init; }

    /// <summary>Both directions while a lock throttles the service.</summary>
    public BitRate Throttled { get; init; } = BitRate.FromKilobits(512);

    /// <summary>Where addresses come from; null if the access server gives them.</summary>
    [Code(64)]
    public string? Pool { get; init; }

    /// <summary>How many sessions may run at once; left out for any number.</summary>
    [Range(1, 100)]
    public int? SessionLimit { get; init; }

    /// <summary>How often the access server reports usage.</summary>
    [Range(60, 86_400)]
    public int InterimSeconds { get; init; } = 600;
}

/// <summary>The price side of a plan.</summary>
public sealed record PlanPrice
{
    /// <summary>The net price of one interval; without one, billing of the service is held back.</summary>
    public Money? Recurring { get; init; }

    /// <summary>The length of an interval.</summary>
    [AllowedValues(1, 3, 6, 12)]
    public int IntervalMonths { get; init; } = 1;

    /// <summary>When an interval is billed.</summary>
    public CollectionTiming Timing { get; init; } = CollectionTiming.Arrears;

    /// <summary>What part of an interval costs.</summary>
    public Proration Proration { get; init; } = Proration.ActualDays;

    /// <summary>What usage costs; null for nothing.</summary>
    public UsagePrice? Usage { get; init; }

    /// <summary>The tax class of the service.</summary>
    [Code(64)]
    public string TaxClass { get; init; } = "standard";
}

/// <summary>What usage costs.</summary>
public sealed record UsagePrice
{
    /// <summary>The rating extension: <c>script</c> for a price script, or a plugin's.</summary>
    [Code(64)]
    public required string Rule { get; init; }

    /// <summary>The name of the price script; its newest revision is taken.</summary>
    [Code(64)]
    public string? Script { get; init; }

    /// <summary>The price of a billion bytes, at most 8 decimals.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(DecimalString))]
    public required decimal Rate { get; init; }
}
