using System.Text.RegularExpressions;
using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests.Rules;

/// <summary>What stands in files of any kind.</summary>
static partial class Texts
{
    public const string Links = "Every relative link in a Markdown file leads somewhere.";
    public const string Hosts = "No file names the host of a package registry.";
    public const string Workplace = "No file speaks of the place and the tools that it was written with.";

    public static IReadOnlyList<Rule> Rules { get; } =
        [new(Links, DeadLinks), new(Hosts, tree => Words(tree, RegistryHost())), new(Workplace, tree => Words(tree, OfTheWorkplace()))];

    static IEnumerable<string> DeadLinks(Tree tree)
        => from path in tree.FilesEndingIn(".md")
           from link in Markdown.Links(tree.Lines(path))
           where !Elsewhere().IsMatch(link.Target) && !Leads(tree, path, link.Target)
           select $"{path}:{link.Line} links to {link.Target}";

    static bool Leads(Tree tree, string from, string link)
    {
        var parts = link.Split('#', 2);
        var target = parts[0].Length == 0 ? from : Paths.Join(Paths.FolderOf(from), Uri.UnescapeDataString(parts[0]));
        if (target is null || !(tree.HasFile(target) || tree.HasFolder(target)))
            return false;
        return parts.Length == 1 || (tree.HasFile(target) && Markdown.Anchors(tree.Lines(target)).Contains(parts[1]));
    }

    static IEnumerable<string> Words(Tree tree, Regex unwanted)
        => from path in tree.Files
           from line in tree.Lines(path).Index()
           let word = unwanted.Match(line.Item)
           where word.Success
           select $"{path}:{line.Index + 1} says '{word.Value}'";

    [GeneratedRegex("^([a-z][a-z0-9+.-]*:|//)")]
    private static partial Regex Elsewhere();

    // Where packages come from is the business of whoever builds: their settings may name a mirror. The dots are in brackets so
    // that this file keeps its own rule.
    [GeneratedRegex(
        @"\b(nuget|npmjs|yarnpkg|pypi|pythonhosted|crates|rubygems|maven|docker|quay|ghcr"
        + @"|mcr[.]microsoft|deb[.]debian|archive[.]ubuntu|proxy[.]golang)[.](org|com|io)\b"
        + @"|\bmaven[.]apache\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex RegistryHost();

    // In parts, for the same reason. "Session" alone is a word of RADIUS.
    [GeneratedRegex(
        @"(^|[\s""'(=:`])/wo[r]k/|/tmp/ba[s]h_jobs|\bissues sh[o]w\b|\bbrie[f][.]md\b|[.]{2}/sh[a]red/"
        + @"|\bclau[d]e\b|\banthro[p]ic\b|\bchat[g]pt\b"
        + @"|\b(AI|LLM|coding|helper) (se[s]sion|ag[e]nt|ass[i]stant)s?\b|\blanguage mo[d]els?\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex OfTheWorkplace();
}
