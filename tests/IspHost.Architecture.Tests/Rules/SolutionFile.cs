using System.Text.RegularExpressions;
using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests.Rules;

/// <summary>What a build of everything builds.</summary>
static partial class SolutionFile
{
    public const string Complete = "Every project is in IspHost.sln, in the solution folder named after its top folder.";
    public const string Locked = "Every project has its packages locked.";

    const string File = "IspHost.sln";

    public static IReadOnlyList<Rule> Rules { get; } = [new(Complete, Incomplete), new(Locked, Unlocked)];

    static IEnumerable<string> Incomplete(Tree tree)
    {
        if (!tree.HasFile(File))
            return [$"{File} is not there"];
        var entries = Entry().Matches(tree.Text(File)).Select(match => match.Groups)
            .ToDictionary(groups => groups["id"].Value, groups => groups["path"].Value.Replace('\\', '/'));
        var parents = Nesting().Matches(tree.Text(File)).Select(match => match.Groups)
            .ToDictionary(groups => groups["child"].Value, groups => groups["parent"].Value);
        var listed = entries.Where(entry => entry.Value.EndsWith(".csproj", StringComparison.Ordinal))
            .ToDictionary(entry => entry.Value, entry => entry.Key);

        return
        [
            .. tree.Projects.Where(project => !listed.ContainsKey(project.Path)).Select(project => $"{project.Path} is not in {File}"),
            .. listed.Keys.Where(path => !tree.HasFile(path)).Select(path => $"{File} names {path}, which is not there"),
            .. listed.Keys.Where(IsMisplaced).Select(path => $"{path} is not below {Paths.TopOf(path)} in {File}"),
        ];

        bool IsMisplaced(string path)
        {
            var id = listed[path];
            while (parents.TryGetValue(id, out var parent))
                id = parent;
            return entries.GetValueOrDefault(id) != Paths.TopOf(path);
        }
    }

    /// <summary>A sample has none: here it builds with projects, where it is copied to with packages, and no one file fits both.</summary>
    static IEnumerable<string> Unlocked(Tree tree)
        => tree.Projects
            .Where(project => Paths.TopOf(project.Path) != "samples" && !tree.HasFile(project.Folder + "/packages.lock.json"))
            .Select(project => $"{project.Folder} has no packages.lock.json");

    [GeneratedRegex("""Project\("\{[^}]+\}"\) = "[^"]*", "(?<path>[^"]*)", "(?<id>\{[^}]+\})""")]
    private static partial Regex Entry();

    [GeneratedRegex(@"^\s*(?<child>\{[^}]+\}) = (?<parent>\{[^}]+\})\s*$", RegexOptions.Multiline)]
    private static partial Regex Nesting();
}
