using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;

namespace IspHost.Core.FeatureFlags;

/// <summary>A flag in memory, with its definition made ready: nothing is bound or read when it is asked.</summary>
sealed class KnownFlag
{
    /// <summary>
    /// The variant of those who have none. The library answers either whether a flag is on or in which variant, and the second question
    /// would evaluate it once more; with a variant for everybody, its name says both.
    /// </summary>
    const string Plain = "-";

    readonly FrozenDictionary<string, string?> values;

    public KnownFlag(string name, FlagTerms terms)
    {
        (Name, Terms, Audience) = (name, terms, new Audience(terms));
        values = terms.Variants.ToFrozenDictionary(
            variant => variant.Name, variant => variant.Value is { } value ? JsonSerializer.Serialize(value) : null);
        Definition = Task.FromResult(new FeatureDefinition
        {
            Name = name,
            Status = terms.Enabled ? FeatureStatus.Conditional : FeatureStatus.Disabled,
            RequirementType = RequirementType.All,
            EnabledFor = [.. ConditionsOf(terms)],
            Variants = [
                .. terms.Variants.Select(variant => new VariantDefinition { Name = variant.Name }), new VariantDefinition { Name = Plain }],
            Allocation = AllocationOf(terms),
            Telemetry = new TelemetryConfiguration { Enabled = terms.Telemetry },
        });
    }

    public string Name { get; }

    public FlagTerms Terms { get; }

    public Audience Audience { get; }

    /// <summary>For the library, which asks for a task.</summary>
    public Task<FeatureDefinition> Definition { get; }

    /// <summary>What decides among variants.</summary>
    public string Seed => Terms.Seed ?? $"allocation\n{Name}";

    /// <summary>Which variant has which part of a hundred.</summary>
    public static IEnumerable<(string Variant, double From, double To)> Parts(FlagTerms terms)
    {
        // In decimals: doubles of 24.6, 39.7 and 35.7 make more than 100, at which the library throws.
        var from = 0m;
        foreach (var variant in terms.Variants.Where(variant => variant.Percentage > 0))
        {
            var to = from + (decimal)variant.Percentage;
            yield return (variant.Name, (double)from, (double)to);
            from = to;
        }
    }

    /// <summary>The variant's name, as others know it.</summary>
    public static string? NameOf(Variant variant) => variant.Name == Plain ? null : variant.Name;

    /// <summary>What is said of a variant: JSON.</summary>
    public string? ValueOf(string? variant) => variant is null ? null : values.GetValueOrDefault(variant);

    /// <summary>The cheapest first, and plugins last: a condition that is not met saves the others.</summary>
    IEnumerable<FeatureFilterConfiguration> ConditionsOf(FlagTerms terms)
    {
        yield return new() { Name = AudienceFilter.Alias, ParametersObject = Audience };
        if (terms.Windows.Length > 0)
        {
            TimeWindowFilterSettings[] windows = [.. terms.Windows.Select(window => window.ToSettings())];
            yield return new() { Name = WindowFilter.Alias, ParametersObject = windows };
        }
        foreach (var filter in terms.Filters)
            yield return new() { Name = PluginFilter.Alias, ParametersObject = filter };
    }

    Allocation AllocationOf(FlagTerms terms) => new()
    {
        Group = [.. terms.Variants.Where(variant => variant.Groups.Length > 0)
            .Select(variant => new GroupAllocation { Variant = variant.Name, Groups = variant.Groups })],
        Percentile = [.. Parts(terms).Select(part => new PercentileAllocation { Variant = part.Variant, From = part.From, To = part.To })],
        DefaultWhenEnabled = terms.DefaultVariant ?? Plain,
        Seed = Seed,
    };
}
