using System.Text.RegularExpressions;

namespace IspHost.Sdk.Testing.Tests;

/// <summary>
/// C# and TypeScript in the pages for plugin authors and integrators is code that was compiled: a block stands below a comment that
/// names a file, or a region of it, between the lines <c>// begin NAME</c> and <c>// end NAME</c>.
/// </summary>
public sealed partial class DocumentationTests
{
    static readonly string[] Folders = ["docs/plugin-authors", "docs/integrators", "sdk", "samples"];

    public static TheoryData<string> Pages => [.. Folders
        .SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.md", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Repository.Root, file))
        // What npm has fetched for the TypeScript client has pages of its own.
        .Where(file => !file.Contains("node_modules", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Pages))]
    public void Code_in_a_page_is_code_that_was_compiled(string page)
    {
        var text = File.ReadAllText(Repository.PathOf(page));
        var (blocks, named) = (CodeBlock().Count(text), NamedBlock().Matches(text));
        Assert.Equal(blocks, named.Count);
        foreach (Match block in named)
            Assert.Equal(Source(block.Groups["file"].Value, block.Groups["region"].Value), block.Groups["code"].Value.TrimEnd());
    }

    [Theory, MemberData(nameof(Pages))]
    public void A_link_in_a_page_leads_to_a_file(string page)
    {
        var folder = Path.GetDirectoryName(Repository.PathOf(page))!;
        var broken = Link().Matches(File.ReadAllText(Repository.PathOf(page)))
            .Select(link => link.Groups["to"].Value.Split('#')[0])
            .Where(to => to.Length > 0 && !to.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(folder, to)));
        Assert.Empty(broken);
    }

    static string Source(string file, string region)
    {
        var lines = File.ReadAllLines(Repository.PathOf(file));
        if (region.Length > 0)
        {
            var (begin, end) = (LineOf(lines, $"// begin {region}"), LineOf(lines, $"// end {region}"));
            lines = lines[(begin + 1)..end];
        }
        var indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[indent..] : line)).TrimEnd();
    }

    static int LineOf(string[] lines, string marker) => Array.FindIndex(lines, line => line.Trim() == marker) is var found and >= 0
        ? found
        : throw new ArgumentException($"No line says '{marker}'.");

    [GeneratedRegex(@"^```(csharp|typescript)$", RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"<!-- code: (?<file>[^\s#]+)(#(?<region>\S+))? -->\n```(csharp|typescript)\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex NamedBlock();

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();
}
