using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using IspHost.Sdk.Web;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;

namespace IspHost.Core.FeatureFlags;

/// <summary>For whom a feature is on.</summary>
/// <remarks>
/// A percentage takes the same tenants each time, and a larger one keeps those of a smaller one: it is the targeting filter of
/// Microsoft.FeatureManagement, whose plain percentage filter would throw dice at each question.
/// </remarks>
public sealed partial record FlagTerms
{
    /// <summary>False turns it off for all, whatever else is said.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Codes of the tenants that have it.</summary>
    [MaxLength(10_000), Code(32)]
    public string[] Tenants { get; init; } = [];

    /// <summary>Codes of the tenants that do not have it, whatever the percentage says.</summary>
    [MaxLength(10_000), Code(32)]
    public string[] Except { get; init; } = [];

    /// <summary>How many of all tenants have it, in the hundred.</summary>
    [Range(0, 100)]
    public double Percentage { get; init; }

    internal static bool IsName(string name) => Name().IsMatch(name);

    internal FeatureDefinition ToDefinition(string name) => new()
    {
        Name = name,
        EnabledFor = Enabled ? [new FeatureFilterConfiguration { Name = "Microsoft.Targeting", ParametersObject = Targeting() }] : [],
    };

    TargetingFilterSettings Targeting() => new()
    {
        Audience = new Audience
        {
            Users = [.. Tenants],
            DefaultRolloutPercentage = Percentage,
            Exclusion = new BasicAudience { Users = [.. Except] },
        },
    };

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex Name();
}
