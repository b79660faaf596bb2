using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests;

public sealed class TreeTests
{
    [Theory]
    [InlineData("docs/adr", "../style.md", "docs/style.md")]
    [InlineData("docs", "./style.md", "docs/style.md")]
    [InlineData("", "docs/", "docs")]
    [InlineData("docs", "../../style.md", null)]
    public void A_relative_path_is_followed(string folder, string relative, string? expected)
        => Assert.Equal(expected, Paths.Join(folder, relative));

    [Theory]
    [InlineData("plugins/Radius/Radius.csproj", "plugins/*/*.csproj", true)]
    [InlineData("plugins/Radius/deep/Radius.csproj", "plugins/*/*.csproj", false)]
    [InlineData("plugins/Radius/deep/Radius.csproj", "plugins/**/*.csproj", true)]
    [InlineData("plugins/Radius.csproj", "plugins/**/*.csproj", true)]
    public void A_pattern_fits_within_a_name_or_across_folders(string path, string pattern, bool expected)
        => Assert.Equal(expected, Paths.Fits(path, pattern));

    [Fact]
    public void Links_in_code_are_no_links()
        => Assert.Equal([(1, "a.md"), (6, "c.md")], Markdown.Links(["[a](a.md) `[b](b.md)`", "```", "[b](b.md)", "```", "", "[c]: c.md"]));

    [Fact]
    public void Anchors_are_made_of_headings()
        => Assert.Equal(
            new HashSet<string> { "from-packet-to-invoice", "a-lease-and-a-half", "twice", "twice-1" },
            Markdown.Anchors(["# From packet to `invoice`", "## A [lease](x.md), and a half!", "## Twice", "### Twice"]));

    [Fact]
    public void A_project_inherits_from_the_build_files_above_as_far_as_they_import_each_other()
    {
        var tree = Tree.Of(
            ("Directory.Build.props", Package("Root")),
            ("tests/Directory.Build.props",
                "<Project><Import Project=\"$([MSBuild]::GetPathOfFileAbove('Directory.Build.props', '..'))\" />"
                + "<ItemGroup><PackageReference Include=\"Tests\" /></ItemGroup></Project>"),
            ("samples/Directory.Build.props", Package("Samples")),
            ("tests/A/A.csproj", Package("A")),
            ("samples/B/B.csproj", Package("B")));

        Assert.Equal(["A", "Tests", "Root"], Project.Read(tree, "tests/A/A.csproj").Packages);
        Assert.Equal(["B", "Samples"], Project.Read(tree, "samples/B/B.csproj").Packages);
    }

    static string Package(string name) => $"<Project><ItemGroup><PackageReference Include=\"{name}\" /></ItemGroup></Project>";
}
