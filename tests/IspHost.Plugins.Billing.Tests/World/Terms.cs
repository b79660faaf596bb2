using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using NodaTime;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>Contracts in a line of text.</summary>
static class Terms
{
    public static readonly Currency Eur = Currency.Of("EUR");

    public static ContractVersion From(
        int year, int month, int day, decimal? price = 30m, CollectionTiming timing = CollectionTiming.Arrears, LocalDate? anchor = null,
        int months = 1, Proration proration = Proration.ActualDays, UsageTerms? usage = null, Currency? currency = null) => new()
        {
            Id = ContractVersionId.New(),
            Subscription = SubscriptionId.New(),
            Customer = default,
            PlanCode = "fiber-100",
            PlanName = "Fiber 100",
            From = new(year, month, day),
            Price = new()
            {
                Recurring = price is { } amount ? new Money(amount, currency ?? Eur) : null,
                IntervalMonths = months,
                Timing = timing,
                Anchor = anchor ?? new(year, month, 1),
                Proration = proration,
                Usage = usage,
            },
        };

    /// <summary>Usage at 50 cents a GB, by the rule that multiplies.</summary>
    public static UsageTerms Metered(string rule = "linear", decimal rate = 0.5m) => new() { Rule = rule, Rate = rate };
}
