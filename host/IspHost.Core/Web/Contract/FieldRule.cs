using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace IspHost.Core.Web.Contract;

/// <summary>A rule of a field or parameter, as one of its attributes says it.</summary>
/// <param name="Rule">What it must be, as it stands in a refusal.</param>
/// <param name="Holds">Of a text, a number (as decimal), or a count of items.</param>
/// <param name="IsOfCount">Whether it is about how many items a list has.</param>
sealed record FieldRule(string Rule, Func<object, bool> Holds, bool IsOfCount = false)
{
    /// <summary>A pattern that takes longer is a fault of ours, and better an error than a node that hangs.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The rules that stand on a property or parameter.</summary>
    /// <param name="places">Where its attributes are; those that are null have none.</param>
    public static IReadOnlyList<FieldRule> Of(params ICustomAttributeProvider?[] places)
        => [.. places.OfType<ICustomAttributeProvider>()
            .SelectMany(place => place.GetCustomAttributes(typeof(ValidationAttribute), inherit: true))
            .Select(attribute => Of((ValidationAttribute)attribute))];

    static FieldRule Of(ValidationAttribute attribute) => attribute switch
    {
        RegularExpressionAttribute pattern => OfPattern(pattern),
        StringLengthAttribute length => new(
            attribute.ErrorMessage ?? $"{length.MinimumLength} to {length.MaximumLength} characters",
            value => value is string text && text.Length >= length.MinimumLength && text.Length <= length.MaximumLength),
        RangeAttribute range => OfRange(range),
        LengthAttribute count => OfCount(count.MinimumLength, count.MaximumLength),
        MaxLengthAttribute count => OfCount(0, count.Length),
        AllowedValuesAttribute allowed => new(
            $"one of {string.Join(", ", allowed.Values.OfType<object>())}",
            value => allowed.Values.Contains(value is decimal number ? (object)(int)number : value)),
        _ => throw new NotSupportedException($"No rule of a field is made from {attribute.GetType().Name}."),
    };

    static FieldRule OfPattern(RegularExpressionAttribute attribute)
    {
        var pattern = new Regex(attribute.Pattern, RegexOptions.CultureInvariant, Patience);
        return new(
            attribute.ErrorMessage ?? $"text that matches {attribute.Pattern}",
            // The whole text: an anchor at the end would let a line break pass.
            value => value is string text && pattern.Match(text) is { Success: true } match && match.Length == text.Length);
    }

    static FieldRule OfRange(RangeAttribute attribute)
    {
        var (least, most) = (NumberOf(attribute.Minimum), NumberOf(attribute.Maximum));
        return new(
            attribute.ErrorMessage ?? string.Create(CultureInfo.InvariantCulture, $"{least} to {most}"),
            value => value is decimal number && number >= least && number <= most);
    }

    static FieldRule OfCount(int least, int most)
        => new(
            least == 0 ? $"a list of at most {most}" : $"a list of {least} to {most}",
            value => value is int count && count >= least && count <= most, IsOfCount: true);

    static decimal NumberOf(object bound) => Convert.ToDecimal(bound, CultureInfo.InvariantCulture);
}
