using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Chooses what of a published plugin goes into its package, and writes the list of these files, which is signed, and the bill of materials
/// (CycloneDX 1.6). The same files give the same bytes.
/// </summary>
/// <remarks>The build compiles it against .NET Standard 2.0, which has no writer of JSON.</remarks>
public sealed class DescribePlugin : Task
{
    const string Native = "runtimes/";

    /// <summary>What publishing would copy: <c>RelativePath</c> is where to, <c>NuGetPackageId</c> where it comes from.</summary>
    [Required]
    public ITaskItem[] Candidates { get; set; }

    /// <summary>The platforms whose native libraries come along, such as <c>linux-x64</c>.</summary>
    [Required]
    public string[] Platforms { get; set; }

    [Required]
    public string Id { get; set; }

    [Required]
    public string Version { get; set; }

    /// <summary>Where the list and the bill are written.</summary>
    [Required]
    public string Folder { get; set; }

    /// <summary>Where packages lie, each with the hash of its archive beside it.</summary>
    public string PackageRoot { get; set; }

    /// <summary>What goes into the package.</summary>
    [Output]
    public ITaskItem[] Files { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(Folder);
        var (bill, list) = (Path.Combine(Folder, "sbom.cdx.json"), Path.Combine(Folder, "files.json"));
        var chosen = Candidates.Where(file => IsNeeded(PathOf(file))).ToList();
        Write(bill, Bill(chosen));
        var entries = chosen.Select(file => Entry(PathOf(file), file.ItemSpec)).Append(Entry("sbom.cdx.json", bill));
        Write(list, $"{{\n  \"files\": {Lines(entries)}\n}}\n");
        Files = chosen.Select(file => Packed(file.ItemSpec, PathOf(file)))
            .Append(Packed(bill, "sbom.cdx.json")).Append(Packed(list, "files.json")).ToArray();
        return !Log.HasLoggedErrors;
    }

    /// <summary>Comments explain an assembly to compilers, and native libraries of other platforms to nobody.</summary>
    bool IsNeeded(string path)
    {
        if (path.EndsWith(".xml", StringComparison.OrdinalIgnoreCase))
            return false;
        if (!path.StartsWith(Native, StringComparison.Ordinal))
            return true;
        var platform = path.Split('/')[1];
        return platform is "any" or "unix" || Platforms.Any(wanted => wanted == platform || wanted.Split('-')[0] == platform);
    }

    static string PathOf(ITaskItem file) => file.GetMetadata("RelativePath").Replace('\\', '/');

    static ITaskItem Packed(string file, string path)
        => new TaskItem(file, new Dictionary<string, string> { ["PackagePath"] = $"plugin/{path}" });

    static string Entry(string path, string file)
    {
        using (var hash = SHA256.Create())
        using (var content = File.OpenRead(file))
            return $"    {{ \"path\": {Text(path)}, \"size\": {content.Length}, \"sha256\": \"{Hex(hash.ComputeHash(content))}\" }}";
    }

    string Bill(IReadOnlyList<ITaskItem> files)
    {
        var packages = files
            .Select(file => (Id: file.GetMetadata("NuGetPackageId"), Version: file.GetMetadata("NuGetPackageVersion")))
            .Where(package => package.Id.Length > 0)
            .Distinct();
        return "{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.6\",\n  \"version\": 1,\n"
            + $"  \"metadata\": {{ \"component\": {{ \"type\": \"library\", \"name\": {Text(Id)}, \"version\": {Text(Version)} }} }},\n"
            + $"  \"components\": {Lines(packages.Select(package => Component(package.Id, package.Version)))}\n}}\n";
    }

    string Component(string id, string version)
        => $"    {{ \"type\": \"library\", \"name\": {Text(id)}, \"version\": {Text(version)}"
            + $", \"purl\": {Text($"pkg:nuget/{id}@{version}")}{HashOf(id.ToLowerInvariant(), version.ToLowerInvariant())} }}";

    string HashOf(string id, string version)
    {
        var file = Path.Combine(PackageRoot ?? "", id, version, $"{id}.{version}.nupkg.sha512");
        return File.Exists(file)
            ? $", \"hashes\": [{{ \"alg\": \"SHA-512\", \"content\": \"{Hex(Convert.FromBase64String(File.ReadAllText(file)))}\" }}]"
            : "";
    }

    static string Lines(IEnumerable<string> entries)
        => $"[\n{string.Join(",\n", entries.OrderBy(entry => entry, StringComparer.Ordinal))}\n  ]".Replace("[\n\n  ]", "[]");

    static string Hex(byte[] bytes) => string.Concat(bytes.Select(b => b.ToString("x2")));

    static string Text(string text)
        => $"\"{string.Concat(text.Select(c => c < ' ' || c > '~' || c == '"' || c == '\\' ? $"\\u{(int)c:x4}" : c.ToString()))}\"";

    static void Write(string path, string text) => File.WriteAllText(path, text, new UTF8Encoding(false));
}
