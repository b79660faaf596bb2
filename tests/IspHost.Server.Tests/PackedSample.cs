using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace IspHost.Server.Tests;

/// <summary>The package that <c>dotnet pack</c> made of <c>samples/HelloTax</c> when the tests were built.</summary>
static class PackedSample
{
    const string Manifest = "plugin/plugin.json";
    const string List = "plugin/files.json";

    public static string Original { get; } = Path.Combine(
        typeof(PackedSample).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(named => named.Key == "Packages").Value!,
        "HelloTax.0.1.0.nupkg");

    /// <summary>A copy under another id and version, as if it had been packed so.</summary>
    public static string Copy(string folder, string id, string version)
    {
        var copy = Path.Combine(folder, $"{id}.{version}.nupkg");
        File.Copy(Original, copy);
        using var zip = ZipFile.Open(copy, ZipArchiveMode.Update);
        var manifest = Read(zip, Manifest)
            .Replace("\"id\": \"HelloTax\"", $"\"id\": \"{id}\"", StringComparison.Ordinal)
            .Replace("\"version\": \"0.1.0\"", $"\"version\": \"{version}\"", StringComparison.Ordinal);
        var list = JsonNode.Parse(Read(zip, List))!;
        var listed = list["files"]!.AsArray().Single(file => (string?)file!["path"] == "plugin.json")!;
        listed["size"] = Encoding.UTF8.GetByteCount(manifest);
        listed["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(manifest)));
        Write(zip, Manifest, manifest);
        Write(zip, List, list.ToJsonString());
        return copy;
    }

    static string Read(ZipArchive zip, string name)
    {
        using var reader = new StreamReader(zip.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    static void Write(ZipArchive zip, string name, string text)
    {
        zip.GetEntry(name)!.Delete();
        using var writer = new StreamWriter(zip.CreateEntry(name).Open());
        writer.Write(text);
    }
}
