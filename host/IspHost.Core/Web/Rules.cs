using System.Text.RegularExpressions;

namespace IspHost.Core.Web;

/// <summary>Rules that several kinds of input share.</summary>
static partial class Rules
{
    public static bool IsCode(string? text, int length) => text is not null && text.Length <= length && Code().IsMatch(text);

    public static bool IsCountry(string? text) => text is not null && Country().IsMatch(text);

    /// <summary>Enough to catch a slip; whether mail arrives, only mail shows.</summary>
    public static bool IsEmail(string? text) => text is { Length: <= 254 } && Email().IsMatch(text);

    public static bool IsName(string? text, int length)
        => text is not null && text.Length <= length && !string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl);

    public const string AddressRule = "at most 6 lines of 1 to 100 characters";

    public static bool IsAddress(string[]? lines) => lines is null || (lines.Length <= 6 && lines.All(line => IsName(line, 100)));

    [GeneratedRegex("^[a-z0-9][a-z0-9-]*$")]
    private static partial Regex Code();

    [GeneratedRegex("^[A-Z]{2}$")]
    private static partial Regex Country();

    [GeneratedRegex(@"^[^@\s\p{Cc}]{1,64}@[^@\s\p{Cc}]+$")]
    private static partial Regex Email();
}
