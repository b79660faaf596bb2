using System.Text.RegularExpressions;
using IspHost.Architecture.Tests.Trees;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IspHost.Architecture.Tests.Rules;

/// <summary>Borders of periods that come from two sets of rules differ some day.</summary>
static partial class Zones
{
    public const string Source = "Host and plugins take the rules of time zones from Core's Zones alone.";

    const string Folder = "host/IspHost.Core/Zones/";

    static readonly HashSet<string> Others = new(StringComparer.Ordinal)
    {
        "DateTimeZoneProviders", "TzdbDateTimeZoneSource", "BclDateTimeZone", "TimeZoneInfo",
    };

    public static IReadOnlyList<Rule> Rules { get; } = [new(Source, tree => InCode(tree).Concat(InSql(tree)))];

    static IEnumerable<string> InCode(Tree tree)
        => from source in tree.Sources
           where IsBound(source.Path)
           from name in source.All<IdentifierNameSyntax>()
           where Others.Contains(name.Identifier.Text)
           select $"{source.At(name)} names {name.Identifier.Text}";

    static IEnumerable<string> InSql(Tree tree)
        => from path in tree.FilesEndingIn(".cs", ".sql")
           where IsBound(path)
           from line in tree.Lines(path).Index()
           where LocalTime().IsMatch(line.Item)
           select $"{path}:{line.Index + 1} has PostgreSQL work out a local time";

    static bool IsBound(string path)
        => Paths.TopOf(path) is "host" or "plugins" && !path.StartsWith(Folder, StringComparison.Ordinal);

    [GeneratedRegex("at time zone (?!'UTC')", RegexOptions.IgnoreCase)]
    private static partial Regex LocalTime();
}
