using System.Security.Cryptography;
using System.Text;

namespace IspHost.PluginRuntime;

/// <summary>Keeps each plugin's files where nobody changes them: in a folder named by the hash of what is in it.</summary>
/// <remarks>
/// Assemblies and native libraries are mapped from there for as long as they are in use. So the folder that a plugin came from may
/// be replaced at once, and generations with the same files share one native library, which the process never lets go.
/// </remarks>
sealed class PluginStore(string? root) : IDisposable
{
    readonly Lazy<string> own = new(() => Directory.CreateTempSubdirectory("isphost-plugins-").FullName);

    /// <summary>Copies the files, if they are not here yet.</summary>
    /// <returns>Where they are now.</returns>
    public string Add(PluginManifest manifest, string folder)
    {
        var place = Path.Combine(root ?? own.Value, manifest.Id, manifest.Version.ToNormalizedString());
        var target = Path.Combine(place, HashOf(folder));
        if (Directory.Exists(target))
            return target;

        // Copied under another name first: what has its final name is complete.
        var unfinished = Path.Combine(place, $"unfinished-{Guid.NewGuid():N}");
        Copy(folder, unfinished);
        try
        {
            Directory.Move(unfinished, target);
        }
        catch (IOException) when (Directory.Exists(target)) // Another process with this store was faster.
        {
            Directory.Delete(unfinished, recursive: true);
        }
        return target;
    }

    public void Dispose()
    {
        if (own.IsValueCreated)
            Directory.Delete(own.Value, recursive: true);
    }

    static string HashOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in FilesOf(folder).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            using var content = File.OpenRead(Path.Combine(folder, file));
            hash.AppendData(SHA256.HashData(content));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    static void Copy(string folder, string target)
    {
        foreach (var file in FilesOf(folder))
        {
            var copy = Path.Combine(target, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(folder, file), copy);
        }
    }

    static IEnumerable<string> FilesOf(string folder)
        => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file));
}
