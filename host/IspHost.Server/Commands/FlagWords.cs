using System.Globalization;
using IspHost.Core.FeatureFlags;

namespace IspHost.Server.Commands;

/// <summary>What people are told of flags.</summary>
static class FlagWords
{
    /// <summary>For whom a flag is on, in a line.</summary>
    public static string Of(FlagTerms terms)
    {
        if (!terms.Enabled)
            return "nobody, it is switched off";
        var who = string.Join(", ", Who(terms));
        var limits = string.Join(", ", Limits(terms));
        return $"{(who.Length == 0 ? "nobody" : who)}{(limits.Length == 0 ? "" : $"; {limits}")}";
    }

    /// <summary>An explanation, a condition a line.</summary>
    public static string Of(FlagExplanation explanation)
    {
        var isOn = explanation.Enabled ? "on" : "off";
        var whom = explanation.Customer is { } customer ? $"customer {customer} of " : "";
        var lines = explanation.Conditions.Select(condition => (IReadOnlyList<string>)
            [condition.Condition, Of(condition.Outcome), condition.Why ?? ""]);
        List<string> said = [
            $"{explanation.Name} is {isOn} for {whom}tenant {explanation.Tenant}. Decided by: {explanation.DecidedBy}.",
            $"Groups: {string.Join(", ", explanation.Groups)}.",
            Output.Table(["CONDITION", "OUTCOME", "WHY"], lines)];
        if (explanation.Percentile is { } drawn)
            said.Add($"Drawn for percentages of all: {Text(drawn)}.");
        if (explanation.Variant is { } variant)
            said.Add($"Variant: {variant.Name}, since {variant.Why}.");
        return string.Join(Environment.NewLine, said);
    }

    static IEnumerable<string> Who(FlagTerms terms)
    {
        if (terms.Tenants.Length > 0)
            yield return Some(terms.Tenants.Length, "tenant");
        if (terms.Customers.Length > 0)
            yield return Some(terms.Customers.Length, "customer");
        foreach (var group in terms.Groups)
            yield return group.Percentage >= 100 ? group.Name : $"{Text(group.Percentage)} % of {group.Name}";
        if (terms.Percentage > 0)
            yield return terms.Percentage >= 100 ? "all" : $"{Text(terms.Percentage)} % of all {terms.PercentageOf}".ToLowerInvariant();
        if (terms.Except.Length + terms.ExceptCustomers.Length + terms.ExceptGroups.Length is > 0 and var excepted)
            yield return $"with {Some(excepted, "exception")}";
    }

    static IEnumerable<string> Limits(FlagTerms terms)
    {
        if (terms.Windows.Length > 0)
            yield return Some(terms.Windows.Length, "window");
        foreach (var filter in terms.Filters)
            yield return $"filter {filter.Name}";
        if (terms.Variants.Length > 0)
            yield return $"variants {string.Join("/", terms.Variants.Select(variant => variant.Name))}";
    }

    static string Of(FlagOutcome outcome) => outcome switch
    {
        FlagOutcome.Met => "met",
        FlagOutcome.NotMet => "not met",
        _ => "not looked at",
    };

    static string Some(int count, string thing) => Wording.Count(count, thing);

    static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
