using System.Text.Json;
using System.Xml.Linq;

namespace IspHost.Architecture.Tests.Trees;

/// <summary>A project file with what it inherits from the build files above it.</summary>
sealed record Project(string Path, IReadOnlyList<string> References, IReadOnlyList<string> Packages, IReadOnlyList<string> Restored)
{
    const string BuildProps = "Directory.Build.props";
    const string BuildTargets = "Directory.Build.targets";

    public string Folder => Paths.FolderOf(Path);

    public static Project Read(Tree tree, string path)
    {
        var folder = Paths.FolderOf(path);
        string[] files = [path, .. Inherited(tree, folder, BuildProps), .. Inherited(tree, folder, BuildTargets)];
        var items = files
            .SelectMany(file => XDocument.Parse(tree.Text(file)).Descendants().Select(item => (File: file, Item: item)))
            .ToList();
        var packages = items
            .Where(found => found.Item.Name.LocalName == "PackageReference" && !IsAnalyzer(found.Item))
            .Select(found => (string?)found.Item.Attribute("Include"))
            .OfType<string>()
            .ToList();
        var references = items
            .Where(found => IsReference(found.Item))
            .SelectMany(found => Targets(tree, folder, found.File, (string?)found.Item.Attribute("Include") ?? ""))
            .Concat(packages.Where(IsOurs).Select(name => $"sdk/{name}/{name}.csproj"))
            .Concat(Linked(tree, folder, items.Select(found => found.Item)));
        return new Project(path, [.. references.Distinct()], [.. packages.Where(name => !IsOurs(name))], RestoredFor(tree, folder));
    }

    /// <summary>The nearest file with this name, and the ones above it as long as each imports the next.</summary>
    static IEnumerable<string> Inherited(Tree tree, string folder, string name)
    {
        foreach (var above in Paths.Ancestors(folder + "/x").Append(""))
        {
            var file = above.Length == 0 ? name : $"{above}/{name}";
            if (!tree.HasFile(file))
                continue;
            yield return file;
            if (!tree.Text(file).Contains($"GetPathOfFileAbove('{name}'", StringComparison.Ordinal))
                yield break;
        }
    }

    static bool IsAnalyzer(XElement package)
        => (string?)package.Attribute("PrivateAssets") == "all"
            && ((string?)package.Attribute("Include"))!.EndsWith("Analyzers", StringComparison.Ordinal);

    /// <summary>With <c>ReferenceOutputAssembly="false"</c> it is a build order and no reference.</summary>
    static bool IsReference(XElement item)
        => item.Name.LocalName == "ProjectReference" && (string?)item.Attribute("ReferenceOutputAssembly") != "false";

    /// <summary>A package of ours is what a sample names in the place of the project.</summary>
    static bool IsOurs(string package) => package.StartsWith("IspHost.", StringComparison.Ordinal);

    static IEnumerable<string> Targets(Tree tree, string folder, string file, string include)
    {
        // The samples' build turns the names of our packages into projects; those names are read above.
        if (include.StartsWith("@(SdkPackage->", StringComparison.Ordinal))
            return [];
        const string here = "$(MSBuildThisFileDirectory)";
        var target = include.StartsWith(here, StringComparison.Ordinal)
            ? Paths.Join(Paths.FolderOf(file), include[here.Length..])
            : Paths.Join(folder, include);
        if (target?.Contains('*') != true)
            return [target ?? include];
        return tree.Files.Where(path => Paths.Fits(path, target));
    }

    /// <summary>Compiling the sources of another project is a reference to it in all but name.</summary>
    static IEnumerable<string> Linked(Tree tree, string folder, IEnumerable<XElement> items)
        => items
            .Where(item => item.Name.LocalName == "Compile")
            .Select(item => Paths.Join(folder, (string?)item.Attribute("Include") ?? "") ?? "outside")
            .Where(source => !source.StartsWith(folder + "/", StringComparison.Ordinal))
            .Select(source => OwnerOf(tree, source) ?? source);

    static string? OwnerOf(Tree tree, string source)
        => Paths.Ancestors(source)
            .Select(above => tree.Files.FirstOrDefault(path => Paths.Fits(path, above + "/*.csproj")))
            .FirstOrDefault(project => project is not null);

    static List<string> RestoredFor(Tree tree, string folder)
    {
        var file = folder + "/packages.lock.json";
        if (!tree.HasFile(file))
            return [];
        using var json = JsonDocument.Parse(tree.Text(file));
        return [.. json.RootElement.GetProperty("dependencies").EnumerateObject()
            .SelectMany(framework => framework.Value.EnumerateObject())
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(package => package.Name)
            .Distinct()];
    }
}
