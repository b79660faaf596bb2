using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.FeatureManagement.FeatureFilters;

namespace IspHost.Core.FeatureFlags;

/// <summary>What the terms of a flag must be that no single field says.</summary>
sealed class FlagRules
{
    /// <summary>A number of flags that somebody can still have in mind, and that a node asks through without thinking.</summary>
    public const int MostFlags = 1_000;

    const int LongestValue = 4_096;
    const string TenantGroup = "tenant:";

    readonly List<(string Field, string Rule)> broken = [];

    /// <summary>The rules that are broken.</summary>
    /// <param name="terms">What keeps the rules of its fields.</param>
    /// <param name="isTenant">Whether there is a tenant with this code: one that is not there would be one that was mistyped.</param>
    public static IReadOnlyList<(string Field, string Rule)> BrokenBy(FlagTerms terms, Func<string, bool> isTenant)
    {
        var rules = new FlagRules();
        rules.CheckTenants(terms, isTenant);
        rules.CheckGroups(terms);
        rules.CheckVariants(terms);
        for (var i = 0; i < terms.Windows.Length; i++)
            rules.CheckWindow($"windows[{i}]", terms.Windows[i]);
        return rules.broken;
    }

    /// <summary>The codes of all tenants that are named.</summary>
    public static IEnumerable<string> TenantsIn(FlagTerms terms) => Named(terms).SelectMany(named => named.Codes);

    static IEnumerable<(string Field, IEnumerable<string> Codes)> Named(FlagTerms terms)
    {
        yield return ("tenants", terms.Tenants);
        yield return ("except", terms.Except);
        yield return ("groups", TenantsAmong(terms.Groups.Select(group => group.Name)));
        yield return ("except_groups", TenantsAmong(terms.ExceptGroups));
        for (var i = 0; i < terms.Variants.Length; i++)
            yield return ($"variants[{i}].groups", TenantsAmong(terms.Variants[i].Groups));
    }

    static IEnumerable<string> TenantsAmong(IEnumerable<string> groups)
        => groups.Where(group => group.StartsWith(TenantGroup, StringComparison.Ordinal)).Select(group => group[TenantGroup.Length..]);

    void CheckTenants(FlagTerms terms, Func<string, bool> isTenant)
    {
        foreach (var (field, codes) in Named(terms))
        {
            if (codes.FirstOrDefault(code => !isTenant(code)) is { } stranger)
                broken.Add((field, $"codes of tenants that are there, and '{stranger}' is not"));
        }
    }

    void CheckGroups(FlagTerms terms)
        => Check("groups", IsWithoutDoubles(terms.Groups.Select(group => group.Name)), "groups of which each is named once");

    void CheckVariants(FlagTerms terms)
    {
        Check("variants", IsWithoutDoubles(terms.Variants.Select(variant => variant.Name)), "variants of which each has a name of its own");
        Check("variants", terms.Variants.Sum(variant => (decimal)variant.Percentage) <= 100, "variants that make at most 100 % together");
        Check(
            "default_variant", terms.DefaultVariant is not { } chosen || terms.Variants.Any(variant => variant.Name == chosen),
            "the name of one of the variants");
        for (var i = 0; i < terms.Variants.Length; i++)
        {
            var value = terms.Variants[i].Value?.RootElement;
            Check($"variants[{i}].value", value is null or { ValueKind: JsonValueKind.Object }, "an object");
            Check(
                $"variants[{i}].value", value?.GetRawText().Length is not > LongestValue, $"at most {LongestValue} characters of JSON");
        }
    }

    void CheckWindow(string field, FlagWindow window)
    {
        Check(field, window.From is not null || window.Until is not null, "a window with `from`, `until`, or both");
        Check($"{field}.until", !(window.Until <= window.From), "later than `from`");
        if (window.Repeat is not { } repeat)
            return;
        Check($"{field}.repeat", window.From is not null && window.Until is not null, "left out where `from` or `until` is");
        var isWeekly = repeat.Every is FlagRhythm.Week;
        Check($"{field}.repeat.days", isWeekly == repeat.Days.Length > 0, "given with `week`, and with `week` alone");
        Check($"{field}.repeat.times", repeat.Times is null || repeat.LastDay is null, "left out beside `last_day`");
        if (broken.Count == 0)
            CheckRecurrence(field, window);
    }

    /// <summary>
    /// The library holds its rules of recurrence against what it has bound itself, and takes what it is given ready for right: then two
    /// windows that overlap are answered, but by the later one alone.
    /// </summary>
    void CheckRecurrence(string field, FlagWindow window)
    {
        try
        {
            new TimeWindowFilter().BindParameters(AsConfiguration(window.ToSettings()));
        }
        catch (ArgumentException fault)
        {
            broken.Add(fault.ParamName switch
            {
                nameof(TimeWindowFilterSettings.Start) => ($"{field}.from", "on one of `days`"),
                nameof(TimeWindowFilterSettings.End) => ($"{field}.until", "no later than when the window opens again"),
                _ => ($"{field}.repeat.last_day", "no earlier than `from`"),
            });
        }
    }

    static IConfiguration AsConfiguration(TimeWindowFilterSettings settings)
    {
        var (pattern, range) = (settings.Recurrence.Pattern, settings.Recurrence.Range);
        var values = new Dictionary<string, string?>
        {
            ["Start"] = $"{settings.Start:O}",
            ["End"] = $"{settings.End:O}",
            ["Recurrence:Pattern:Type"] = $"{pattern.Type}",
            ["Recurrence:Pattern:Interval"] = $"{pattern.Interval}",
            ["Recurrence:Pattern:FirstDayOfWeek"] = $"{pattern.FirstDayOfWeek}",
            ["Recurrence:Range:Type"] = $"{range.Type}",
            ["Recurrence:Range:EndDate"] = $"{range.EndDate:O}",
            ["Recurrence:Range:NumberOfOccurrences"] = $"{range.NumberOfOccurrences}",
        };
        foreach (var (number, day) in pattern.DaysOfWeek.Index())
            values[$"Recurrence:Pattern:DaysOfWeek:{number}"] = $"{day}";
        return new ConfigurationBuilder().AddInMemoryCollection(values).Build();
    }

    static bool IsWithoutDoubles(IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return names.All(seen.Add);
    }

    void Check(string field, bool holds, string rule)
    {
        if (!holds)
            broken.Add((field, rule));
    }
}
