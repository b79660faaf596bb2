using System.Text.Json;
using IspHost.Sdk;
using IspHost.Sdk.Flags;
using NodaTime;

namespace IspHost.Core.FeatureFlags;

/// <summary>What a flag answers about somebody, and why.</summary>
/// <param name="Name">The flag.</param>
/// <param name="Tenant">The tenant's code.</param>
/// <param name="Customer">The customer, if it was asked about one.</param>
/// <param name="Groups">The groups that are known.</param>
/// <param name="At">What time it is for the tenant.</param>
/// <param name="Enabled">Whether it is on.</param>
/// <param name="DecidedBy">The condition that has decided: the first that is not met, or `all` of them.</param>
/// <param name="Conditions">Each condition, in the order in which they are looked at.</param>
/// <param name="Percentile">Where the draw for percentages of all has put it, from 0 to 100; percentages above it let it in.</param>
/// <param name="Variant">In which form, and why.</param>
public sealed record FlagExplanation(
    string Name, string Tenant, CustomerId? Customer, IReadOnlyList<string> Groups, Instant At, bool Enabled, string DecidedBy,
    IReadOnlyList<FlagFinding> Conditions, double? Percentile, FlagVariantFinding? Variant)
{
    const string Switch = "enabled";

    internal static FlagExplanation Of(KnownFlag flag, FlagQuestion question, List<FlagFinding> findings, FlagAnswer answer)
    {
        var conditions = All(flag.Terms, findings);
        return new(
            flag.Name, question.Tenant?.Code ?? "", question.Subject.Customer, question.Groups, question.Now, answer.IsOn,
            conditions.FirstOrDefault(condition => condition.Outcome is FlagOutcome.NotMet)?.Condition ?? "all",
            conditions, question.IsDrawn ? Math.Round(Draw.ForFlag(question.UserId, flag.Name), 2) : null,
            answer.Variant is { } variant ? FlagVariantFinding.Of(flag, question, variant) : null);
    }

    /// <summary>What was found, and behind it what was not looked at.</summary>
    static List<FlagFinding> All(FlagTerms terms, List<FlagFinding> findings)
    {
        List<FlagFinding> all = [
            new(Switch, terms.Enabled ? FlagOutcome.Met : FlagOutcome.NotMet, terms.Enabled ? "it is switched on" : "it is switched off"),
            .. findings];
        var looked = findings.Count;
        all.AddRange(NamesOf(terms).Skip(looked).Select(name => new FlagFinding(name, FlagOutcome.NotLookedAt, null)));
        return all;
    }

    static IEnumerable<string> NamesOf(FlagTerms terms) =>
    [
        AudienceFilter.Condition,
        .. terms.Windows.Length > 0 ? [WindowFilter.Condition] : Array.Empty<string>(),
        .. terms.Filters.Select(PluginFilter.ConditionOf),
    ];
}

/// <summary>What was found of a condition.</summary>
/// <param name="Condition">`enabled`, `audience`, `windows`, or `filter:` and the name of a plugin's filter.</param>
/// <param name="Outcome">Whether it is met.</param>
/// <param name="Why">Why so, for people.</param>
public sealed record FlagFinding(string Condition, FlagOutcome Outcome, string? Why);

/// <summary>What came of a condition.</summary>
public enum FlagOutcome
{
    /// <summary>It holds.</summary>
    Met,

    /// <summary>It does not, and so the flag is off.</summary>
    NotMet,

    /// <summary>One before it was not met already.</summary>
    NotLookedAt,
}

/// <summary>In which form a feature is on, and why.</summary>
/// <param name="Name">The variant.</param>
/// <param name="Why">Why this one, for people.</param>
/// <param name="Percentile">Where the draw for variants has put it, from 0 to 100.</param>
/// <param name="Value">What the code behind the flag is told.</param>
public sealed record FlagVariantFinding(string Name, string Why, double Percentile, JsonDocument? Value)
{
    internal static FlagVariantFinding Of(KnownFlag flag, FlagQuestion question, string variant)
    {
        var drawn = Draw.ForVariant(question.UserId, flag.Seed);
        var chosen = flag.Terms.Variants.Single(one => one.Name == variant);
        return new(variant, WhyOf(flag.Terms, question, chosen, drawn), Math.Round(drawn, 2), chosen.Value);
    }

    static string WhyOf(FlagTerms terms, FlagQuestion question, FlagVariant chosen, double drawn)
    {
        if (question.Groups.FirstOrDefault(group => chosen.Groups.Contains(group)) is { } group)
            return $"group {group} has it";
        foreach (var (variant, from, to) in KnownFlag.Parts(terms))
        {
            if (variant == chosen.Name && Draw.LiesIn(drawn, from, to))
                return $"{Draw.Text(drawn)} lies from {Draw.Text(from)} to {Draw.Text(to)}";
        }
        return "it is the default";
    }
}
