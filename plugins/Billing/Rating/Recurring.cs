using System.Globalization;
using IspHost.Sdk;

namespace IspHost.Plugins.Billing;

/// <summary>Prices the recurring part of a service.</summary>
static class Recurring
{
    public static DraftLine Line(Due due, Money price)
    {
        var used = due.Used;
        var part = Fraction.Of(due.Version.Price.Proration, due.Interval, used);
        return new()
        {
            Due = due,
            Sequence = 0,
            Description = due.Version.PlanName,
            Quantity = 1m,
            Unit = "interval",
            UnitPrice = price,
            Part = part,
            Net = Rounding.ToLine(part.Of(price)),
            Rule = "recurring",
            Explanation = Explain(due, part, used),
        };
    }

    static IReadOnlyList<string> Explain(Due due, Fraction part, IReadOnlyList<DateRange> used)
    {
        var days = used.Sum(range => range.Days);
        if (days == due.Interval.Days.Days)
            return [];
        return
        [
            string.Create(CultureInfo.InvariantCulture,
                $"{days} of {due.Interval.Days.Days} days in service: {part.Numerator}/{part.Denominator} of the price"),
        ];
    }
}
