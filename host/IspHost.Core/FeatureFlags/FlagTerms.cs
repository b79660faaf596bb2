using System.Text.RegularExpressions;
using IspHost.Core.Web;
using Microsoft.AspNetCore.Http.HttpResults;
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
    public string[] Tenants { get; init; } = [];

    /// <summary>Codes of the tenants that do not have it, whatever the percentage says.</summary>
    public string[] Except { get; init; } = [];

    /// <summary>How many of all tenants have it: 0 to 100.</summary>
    public double Percentage { get; init; }

    internal ProblemHttpResult? Problem() => new FieldRules()
        .Check("percentage", Percentage is >= 0 and <= 100, "0 to 100")
        .Check("tenants", AreCodes(Tenants), "a list of codes of tenants")
        .Check("except", AreCodes(Except), "a list of codes of tenants")
        .Problem;

    internal static bool IsName(string name) => Name().IsMatch(name);

    static bool AreCodes(string[]? codes) => codes is not null && codes.All(code => Rules.IsCode(code, 32));

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
