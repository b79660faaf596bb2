using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using IspHost.Sdk.Web;

namespace IspHost.Core.FeatureFlags;

/// <summary>A form in which a feature is on.</summary>
public sealed record FlagVariant
{
    /// <summary>Its name.</summary>
    [Code(64)]
    public required string Name { get; init; }

    /// <summary>How many of those for whom the feature is on have this form, in the hundred.</summary>
    [Range(0, 100)]
    public double Percentage { get; init; }

    /// <summary>Groups that have this form wherever the percentages would put them.</summary>
    [MaxLength(50), Group]
    public string[] Groups { get; init; } = [];

    /// <summary>What the code behind the flag is told: an object of at most 4,096 characters.</summary>
    public JsonDocument? Value { get; init; }
}
