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

    /// <summary>Below which everything is.</summary>
    public string Root => root ?? own.Value;

    /// <summary>Copies the files, if they are not here yet.</summary>
    /// <returns>Where they are now.</returns>
    public string Add(PluginManifest manifest, IReadOnlyList<PackageFile> files)
    {
        var place = Path.Combine(Root, manifest.Id, manifest.Version.ToNormalizedString());
        var target = Path.Combine(place, HashOf(files));
        if (Directory.Exists(target))
            return target;

        // Copied under another name first: what has its final name is complete.
        var unfinished = Path.Combine(place, $"unfinished-{Guid.NewGuid():N}");
        try
        {
            Copy(files, unfinished);
            Directory.Move(unfinished, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            // Another process with this store was faster.
        }
        finally
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
        }
        return target;
    }

    public void Dispose()
    {
        if (own.IsValueCreated)
            Directory.Delete(own.Value, recursive: true);
    }

    static string HashOf(IReadOnlyList<PackageFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file.Path));
            using var content = file.Open();
            hash.AppendData(SHA256.HashData(content));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    static void Copy(IReadOnlyList<PackageFile> files, string target)
    {
        foreach (var file in files)
        {
            var path = Path.Combine(target, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var content = file.Open();
            using var copy = new FileStream(path, FileMode.CreateNew);
            content.CopyTo(copy);
        }
    }
}
