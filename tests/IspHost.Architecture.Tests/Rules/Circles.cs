using IspHost.Architecture.Tests.Trees;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IspHost.Architecture.Tests.Rules;

/// <summary>Core's folders can be read one after the other only if none needs, by way of others, itself.</summary>
static class Circles
{
    public const string Core = "No folder of Core uses itself by way of others.";

    const string Folder = "host/IspHost.Core/";
    const string Namespace = "IspHost.Core.";

    public static IReadOnlyList<Rule> Rules { get; } = [new(Core, InCore)];

    static List<string> InCore(Tree tree)
    {
        var uses = tree.Sources
            .Where(source => source.Path.StartsWith(Folder, StringComparison.Ordinal))
            .SelectMany(Uses)
            .ToLookup(use => use.From, use => use.To);
        var (done, circles) = (new HashSet<string>(), new List<string>());
        foreach (var folder in uses.Select(folder => folder.Key).Order(StringComparer.Ordinal))
            Walk([folder], uses, done, circles);
        return circles;
    }

    /// <summary>Depth first: a folder that stands on the way already closes a circle.</summary>
    static void Walk(List<string> way, ILookup<string, string> uses, HashSet<string> done, List<string> circles)
    {
        if (done.Contains(way[^1]))
            return;
        foreach (var next in uses[way[^1]].Distinct().Order(StringComparer.Ordinal))
        {
            if (way.IndexOf(next) is var start and >= 0)
                circles.Add(string.Join(" -> ", way[start..].Append(next)));
            else
                Walk([.. way, next], uses, done, circles);
        }
        done.Add(way[^1]);
    }

    static IEnumerable<(string From, string To)> Uses(Source source)
        => from directive in source.All<UsingDirectiveSyntax>()
           let name = directive.NamespaceOrType.ToString()
           where name.StartsWith(Namespace, StringComparison.Ordinal)
           let use = (From: Paths.TopOf(source.Path[Folder.Length..]), To: name[Namespace.Length..].Split('.')[0])
           where use.From != use.To
           select use;
}
