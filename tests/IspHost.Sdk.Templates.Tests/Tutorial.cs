using System.Text.RegularExpressions;

namespace IspHost.Sdk.Templates.Tests;

/// <summary>
/// The commands of <c>docs/plugin-authors/first-plugin.md</c>: its lines that are set in by four columns, and not in a block of code.
/// </summary>
static partial class Tutorial
{
    static readonly IReadOnlyList<string> Commands = [.. Command()
        .Matches(Code().Replace(File.ReadAllText(Path.Combine(AuthorsMachine.Clone, "docs/plugin-authors/first-plugin.md")), ""))
        .Select(line => line.Groups["command"].Value)];

    public static IEnumerable<string> InTheClone => Commands.TakeWhile(IsInTheClone);

    public static IEnumerable<string> AtHome => Commands.SkipWhile(IsInTheClone);

    /// <summary>How a plugin is made, with another name and for another point.</summary>
    public static string New(string name, string point) => AtHome.First()
        .Replace("--name Acme.Tax", $"--name {name}", StringComparison.Ordinal)
        .Replace("--extension-point tax", $"--extension-point {point}", StringComparison.Ordinal);

    static bool IsInTheClone(string command) => !command.StartsWith("dotnet new isphost-plugin ", StringComparison.Ordinal);

    [GeneratedRegex("^    (?<command>.+)$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();
}
