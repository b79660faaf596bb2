using System.Security.Cryptography;
using System.Text.Json;

namespace IspHost.PluginRuntime;

/// <summary>What <c>files.json</c> says: the size and the hash of every file. The signature is over its bytes.</summary>
sealed class FileList
{
    public const string Name = "files.json";

    readonly Dictionary<string, ListedFile> files = new(StringComparer.Ordinal);

    public IReadOnlyCollection<ListedFile> Files => files.Values;

    /// <exception cref="PluginLoadException">It is no list of files, or lists more than a package may have.</exception>
    public static FileList Parse(string package, byte[] json, PackageLimits limits, long archive)
    {
        var list = new FileList();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 });
            foreach (var file in document.RootElement.GetProperty("files").EnumerateArray())
                list.Add(package, file);
        }
        // What JsonDocument throws for text that is no JSON, has no such property, or one of another kind.
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw PluginRefusal.NoList.Of(package, $"{PackageArchive.Folder}{Name} is no list of files: {cause.Message.TrimEnd('.')}");
        }
        list.CheckSizes(package, limits, archive);
        return list;
    }

    /// <exception cref="PluginLoadException">A file is not listed, or is listed and not there.</exception>
    public void Compare(string package, IEnumerable<string> names)
    {
        var there = names.Where(name => name is not (Name or PackageSignature.Name)).ToHashSet(StringComparer.Ordinal);
        if (there.Order(StringComparer.Ordinal).FirstOrDefault(name => !files.ContainsKey(name)) is { } stranger)
            throw PluginRefusal.NotListed.Of(package, $"{PackageArchive.Folder}{stranger} is not in {Name}");
        if (files.Keys.Order(StringComparer.Ordinal).FirstOrDefault(name => !there.Contains(name)) is { } missing)
            throw PluginRefusal.NotThere.Of(package, $"{PackageArchive.Folder}{EntryName.Shown(missing)} is in {Name} alone");
    }

    void Add(string package, JsonElement file)
    {
        var listed = new ListedFile(
            file.GetProperty("path").GetString() ?? "", file.GetProperty("size").GetInt64(), file.GetProperty("sha256").GetString() ?? "");
        if (listed.Size < 0 || !files.TryAdd(listed.Path, listed))
            throw PluginRefusal.NoList.Of(package, $"\"{EntryName.Shown(listed.Path)}\" is in {Name} twice, or with a size below zero");
    }

    void CheckSizes(string package, PackageLimits limits, long archive)
    {
        if (files.Count > limits.Entries)
            throw PluginRefusal.TooManyEntries.Of(package, $"{Name} names {files.Count} files");
        // None can overflow the sum: each is compared by itself first.
        if (files.Values.Any(file => file.Size > limits.Bytes) || files.Values.Sum(file => file.Size) > limits.Bytes)
            throw PluginRefusal.TooLarge.Of(package, $"the files of {Name} have more than {limits.Bytes} bytes");
        var total = files.Values.Sum(file => file.Size);
        if (total > limits.Ratio * archive)
            throw PluginRefusal.TooDense.Of(package, $"{archive} bytes hold {total}");
    }
}

/// <summary>A file as the list names it.</summary>
/// <param name="Path">Relative to <c>plugin.json</c>.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">In lower-case hexadecimal digits.</param>
sealed record ListedFile(string Path, long Size, string Sha256)
{
    /// <summary>Reads the file, and not one byte more than it is said to have.</summary>
    /// <exception cref="PluginLoadException">It is another one than was listed.</exception>
    public byte[] Read(string package, PackageArchive archive)
    {
        var content = archive.Read(Path, Size);
        return content.Length == Size && Convert.ToHexStringLower(SHA256.HashData(content)) == Sha256
            ? content
            : throw PluginRefusal.Changed.Of(package, $"{PackageArchive.Folder}{Path} is not what {FileList.Name} says");
    }
}
