using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using IspHost.Sdk;
using IspHost.Sdk.Web;

namespace IspHost.Core.FeatureFlags;

/// <summary>For whom a feature is on, when, and in which variant.</summary>
/// <remarks>
/// It is on for whoever belongs to the audience, while one of the windows is open, if all filters agree. A percentage takes the same ones
/// each time, and a larger one keeps those of a smaller one.
/// </remarks>
public sealed partial record FlagTerms
{
    /// <summary>False turns it off for all, whatever else is said.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Codes of the tenants that have it.</summary>
    [MaxLength(10_000), Code(32)]
    public string[] Tenants { get; init; } = [];

    /// <summary>Codes of the tenants that do not have it, whatever else is said.</summary>
    [MaxLength(10_000), Code(32)]
    public string[] Except { get; init; } = [];

    /// <summary>Customers that have it.</summary>
    [MaxLength(1_000)]
    public CustomerId[] Customers { get; init; } = [];

    /// <summary>Customers that do not have it, whatever else is said.</summary>
    [MaxLength(1_000)]
    public CustomerId[] ExceptCustomers { get; init; } = [];

    /// <summary>Groups that have it, in whole or in part. A part adds to `percentage`, and takes nothing from it.</summary>
    [MaxLength(50)]
    public FlagGroup[] Groups { get; init; } = [];

    /// <summary>Groups that do not have it, whatever else is said.</summary>
    [MaxLength(50), Group]
    public string[] ExceptGroups { get; init; } = [];

    /// <summary>How many of all tenants, or customers, have it, in the hundred.</summary>
    [Range(0, 100)]
    public double Percentage { get; init; }

    /// <summary>Of whom percentages are taken, also those of groups: a tenant with all its customers, or each customer by itself.</summary>
    public FlagPopulation PercentageOf { get; init; }

    /// <summary>When it is on, by the tenant's clock and in its zone; at any time if there are none.</summary>
    [MaxLength(10)]
    public FlagWindow[] Windows { get; init; } = [];

    /// <summary>Conditions that plugins judge. All must be met, and one that no plugin judges is not.</summary>
    [MaxLength(5)]
    public FlagFilter[] Filters { get; init; } = [];

    /// <summary>Forms in which it is on. Whoever is in none has the default variant, if there is one.</summary>
    [MaxLength(10)]
    public FlagVariant[] Variants { get; init; } = [];

    /// <summary>The variant of those who have no other.</summary>
    [Code(64)]
    public string? DefaultVariant { get; init; }

    /// <summary>Flags with the same seed put the same customer at the same place among variants. By default each has its own.</summary>
    [Line(100)]
    public string? Seed { get; init; }

    /// <summary>Whether each answer is an event of the trace that asks.</summary>
    public bool Telemetry { get; init; }

    internal static bool IsName(string name) => Name().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex Name();
}

/// <summary>Of whom percentages are taken.</summary>
public enum FlagPopulation
{
    /// <summary>A tenant has the feature for all its customers, or for none.</summary>
    Tenants,

    /// <summary>Each customer by itself. Who asks without one has a percentage of 100 alone.</summary>
    Customers,
}

/// <summary>A group that has a feature.</summary>
/// <param name="Name">Its name: a kind and a value, such as `plan:home`.</param>
/// <param name="Percentage">How many of the group, in the hundred.</param>
public sealed record FlagGroup([property: Group] string Name, [property: Range(0, 100)] double Percentage = 100);

/// <summary>A condition that a plugin judges.</summary>
/// <param name="Name">The filter's name.</param>
/// <param name="Argument">What the plugin is told.</param>
public sealed record FlagFilter([property: Code(64)] string Name, [property: Line(500)] string? Argument = null);

/// <summary>The name of a group in a request.</summary>
sealed class GroupAttribute : RegularExpressionAttribute, IHasExample
{
    public string Example => "plan:home";

    public GroupAttribute() : base(@"^[a-z]{1,20}:(?=\S)[^\p{Cc}]{1,100}$")
        => ErrorMessage = "a kind and a value, such as plan:home";
}
