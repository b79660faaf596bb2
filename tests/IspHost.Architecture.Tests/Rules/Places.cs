using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests.Rules;

/// <summary>Where things lie.</summary>
static class Places
{
    public const string Core = "No source lies loose beside Core's folders.";
    public const string Top = "The top level holds nothing but what every reader expects there.";
    public const string Readme = "Every top folder has a README.md.";

    static readonly HashSet<string> Folders = new(StringComparer.Ordinal)
    {
        "host", "plugins", "sdk", "samples", "tests", "docs", "findings", ".ci", ".github",
    };

    static readonly HashSet<string> Files = new(StringComparer.Ordinal)
    {
        "IspHost.sln", "README.md", "CHANGELOG.md", "LICENSE", "global.json", "BannedSymbols.txt", "dotnet-tools.json",
        "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props",
    };

    public static IReadOnlyList<Rule> Rules { get; } = [new(Core, LooseInCore), new(Top, StrangeAtTheTop), new(Readme, WithoutReadme)];

    static IEnumerable<string> LooseInCore(Tree tree) => tree.Files.Where(path => Paths.Fits(path, "host/IspHost.Core/*.cs"));

    static IEnumerable<string> StrangeAtTheTop(Tree tree)
        => tree.Files
            .Where(path => path.Contains('/') ? !Folders.Contains(Paths.TopOf(path)) : !Files.Contains(path) && path[0] != '.')
            .Select(Paths.TopOf)
            .Distinct();

    static IEnumerable<string> WithoutReadme(Tree tree)
        => tree.Files
            .Where(path => path.Contains('/') && path[0] != '.')
            .Select(Paths.TopOf)
            .Distinct()
            .Where(folder => !tree.HasFile(folder + "/README.md"))
            .Select(folder => $"{folder} has no README.md");
}
