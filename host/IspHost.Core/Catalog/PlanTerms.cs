using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;
using NodaTime;

namespace IspHost.Core.Catalog;

/// <summary>What a version of a plan is made from: the file that <c>plans create</c> reads, too.</summary>
public sealed record PlanTerms
{
    /// <summary>Names the plan: lower-case letters, digits and hyphens, at most 64.</summary>
    public required string Code { get; init; }

    /// <summary>What stands on invoices, 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What a session may do.</summary>
    public required NetworkTerms Network { get; init; }

    /// <summary>What it costs.</summary>
    public required PlanPrice Price { get; init; }

    internal ProblemHttpResult? Problem(Currency tenantCurrency) => new FieldRules()
        .Check("code", Rules.IsCode(Code, 64), "lower-case letters, digits and hyphens, 1 to 64, beginning with a letter or digit")
        .Check("name", Rules.IsName(Name, 200), "1 to 200 characters")
        .Check("network.up", Network.Up.BitsPerSecond > 0, "bits a second, above 0")
        .Check("network.down", Network.Down.BitsPerSecond > 0, "bits a second, above 0")
        .Check("network.throttled", Network.Throttled.BitsPerSecond > 0, "bits a second, above 0")
        .Check("network.pool", Network.Pool is null || Rules.IsCode(Network.Pool, 64), "the name of an address pool")
        .Check("network.session_limit", Network.SessionLimit is >= 0 and <= 100, "0 to 100, 0 for any number")
        .Check("network.interim_seconds", Network.InterimSeconds is >= 60 and <= 86_400, "60 to 86400")
        .Check("price.recurring", Price.Recurring is null || IsPrice(Price.Recurring.Value.Amount), "not negative, with at most 8 decimals")
        .Check(
            "price.recurring.currency", Price.Recurring is null || Price.Recurring.Value.Currency == tenantCurrency,
            $"the tenant's currency, {tenantCurrency}")
        .Check("price.interval_months", Price.IntervalMonths is 1 or 3 or 6 or 12, "1, 3, 6 or 12")
        .Check("price.tax_class", Rules.IsCode(Price.TaxClass, 64), "the name of a tax class")
        .Check("price.usage.rate", Price.Usage is null || IsPrice(Price.Usage.Rate), "not negative, with at most 8 decimals")
        .Check("price.usage.rule", Price.Usage is null || Rules.IsCode(Price.Usage.Rule, 64), "the name of a rating rule, such as script")
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
        SessionLimit = Network.SessionLimit,
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
    public string? Pool { get; init; }

    /// <summary>How many sessions may run at once; 0 for any number.</summary>
    public int SessionLimit { get; init; }

    /// <summary>How often the access server reports usage.</summary>
    public int InterimSeconds { get; init; } = 600;
}

/// <summary>The price side of a plan.</summary>
public sealed record PlanPrice
{
    /// <summary>The net price of one interval; without one, billing of the service is held back.</summary>
    public Money? Recurring { get; init; }

    /// <summary>The length of an interval: 1, 3, 6 or 12 months.</summary>
    public int IntervalMonths { get; init; } = 1;

    /// <summary>When an interval is billed.</summary>
    public CollectionTiming Timing { get; init; } = CollectionTiming.Arrears;

    /// <summary>What part of an interval costs.</summary>
    public Proration Proration { get; init; } = Proration.ActualDays;

    /// <summary>What usage costs; null for nothing.</summary>
    public UsagePrice? Usage { get; init; }

    /// <summary>The tax class of the service.</summary>
    public string TaxClass { get; init; } = "standard";
}

/// <summary>What usage costs.</summary>
public sealed record UsagePrice
{
    /// <summary>The rating extension: <c>script</c> for a price script, or a plugin's.</summary>
    public required string Rule { get; init; }

    /// <summary>The name of the price script; its newest revision is taken.</summary>
    public string? Script { get; init; }

    /// <summary>The price of a billion bytes, at most 8 decimals.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(DecimalString))]
    public required decimal Rate { get; init; }
}
