using System.Collections.Frozen;
using IspHost.Sdk;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;

namespace IspHost.Core.FeatureFlags;

/// <summary>Who has a feature, ready to be asked.</summary>
/// <remarks>
/// Tenants and customers that are named are looked up here: the library would walk through ten thousand names at each question. Groups and
/// percentages are the library's.
/// </remarks>
sealed class Audience
{
    readonly FrozenSet<string> tenants, exceptTenants;
    readonly FrozenSet<CustomerId> customers, exceptCustomers;

    public Audience(FlagTerms terms)
    {
        (tenants, exceptTenants) = (terms.Tenants.ToFrozenSet(), terms.Except.ToFrozenSet());
        (customers, exceptCustomers) = (terms.Customers.ToFrozenSet(), terms.ExceptCustomers.ToFrozenSet());
        Drawn = SettingsOf(terms, percentage => percentage);
        Undrawn = SettingsOf(terms, percentage => percentage >= 100 ? 100 : 0);
    }

    /// <summary>The library's part.</summary>
    public TargetingFilterSettings Drawn { get; }

    /// <summary>The same for whoever is not drawn, without parts: the library would draw for an empty name, and always the same.</summary>
    public TargetingFilterSettings Undrawn { get; }

    /// <summary>What is said of it by name, if anything.</summary>
    public (bool IsIn, string Why)? Named(FlagQuestion question)
    {
        var (code, customer) = (question.Tenant?.Code, question.Subject.Customer);
        if (code is not null && exceptTenants.Contains(code))
            return (false, $"tenant {code} is excepted");
        if (customer is { } one && exceptCustomers.Contains(one))
            return (false, $"customer {customer} is excepted");
        if (Drawn.Audience.Exclusion.Groups.Find(group => question.Groups.Contains(group, StringComparer.Ordinal)) is { } excepted)
            return (false, $"group {excepted} is excepted");
        if (code is not null && tenants.Contains(code))
            return (true, $"tenant {code} is named");
        if (customer is { } other && customers.Contains(other))
            return (true, $"customer {customer} is named");
        return null;
    }

    /// <summary>Why groups and percentages let it in or not, by the rules of the library, which keeps its reasons to itself.</summary>
    public string Why(FlagQuestion question, string flag)
    {
        var said = new List<string>();
        foreach (var group in question.Groups)
        {
            if (Drawn.Audience.Groups.Find(known => known.Name == group) is not { } part)
                continue;
            var drawn = Draw.ForGroup(question.UserId, flag, group);
            var isIn = question.IsDrawn ? Draw.LiesIn(drawn, 0, part.RolloutPercentage) : part.RolloutPercentage >= 100;
            said.Add(Said($"group {group}", part.RolloutPercentage, question.IsDrawn ? drawn : null, isIn));
            if (isIn)
                return said[^1];
        }
        var percentage = Drawn.Audience.DefaultRolloutPercentage;
        var ofAll = Draw.ForFlag(question.UserId, flag);
        var isInAll = question.IsDrawn ? Draw.LiesIn(ofAll, 0, percentage) : percentage >= 100;
        said.Add(Said("all", percentage, question.IsDrawn ? ofAll : null, isInAll));
        return isInAll ? said[^1] : string.Join("; ", said);
    }

    static string Said(string whom, double percentage, double? drawn, bool isIn) => (percentage, drawn) switch
    {
        (100, _) => $"{whom} have it",
        (0, _) => $"0 % of {whom}",
        (_, null) => $"{Draw.Text(percentage)} % of {whom} are customers, and this is none",
        _ => $"{Draw.Text(percentage)} % of {whom}, and {Draw.Text(drawn.Value)} is {(isIn ? "among them" : "above")}",
    };

    static TargetingFilterSettings SettingsOf(FlagTerms terms, Func<double, double> share) => new()
    {
        Audience = new()
        {
            Groups = [.. terms.Groups.Select(group => new GroupRollout { Name = group.Name, RolloutPercentage = share(group.Percentage) })],
            DefaultRolloutPercentage = share(terms.Percentage),
            Exclusion = new BasicAudience { Groups = [.. terms.ExceptGroups] },
        },
    };
}

/// <summary>The condition that somebody belongs to the audience.</summary>
[FilterAlias(Alias)]
sealed class AudienceFilter : IContextualFeatureFilter<FlagQuestion>
{
    public const string Alias = "IspHost.Audience";
    public const string Condition = "audience";

    readonly ContextualTargetingFilter targeting = new();

    public async Task<bool> EvaluateAsync(FeatureFilterEvaluationContext featureFilterContext, FlagQuestion appContext)
    {
        var audience = (Audience)featureFilterContext.Settings;
        if (audience.Named(appContext) is var (isIn, why))
            return appContext.Found(Condition, isIn, () => why);
        featureFilterContext.Settings = appContext.IsDrawn ? audience.Drawn : audience.Undrawn;
        var isTargeted = await targeting.EvaluateAsync(featureFilterContext, appContext);
        return appContext.Found(Condition, isTargeted, () => audience.Why(appContext, featureFilterContext.FeatureName));
    }
}
