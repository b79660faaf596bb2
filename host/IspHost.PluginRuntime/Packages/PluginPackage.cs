using NuGet.Versioning;

namespace IspHost.PluginRuntime;

/// <summary>A package that was checked from its first byte to its last, and not unpacked yet.</summary>
public sealed record PluginPackage
{
    /// <summary>What it says about itself.</summary>
    public required PluginManifest Manifest { get; init; }

    /// <summary>Who signed it; null if nobody did.</summary>
    public Publisher? Publisher { get; init; }

    /// <summary>Of the archive, in lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The archive's bytes.</summary>
    public required long Size { get; init; }

    /// <summary>How many files the plugin has.</summary>
    public int Count => Files.Files.Count;

    internal FileList Files { get; init; } = new();

    /// <summary>Compares the version with those that were installed before.</summary>
    /// <param name="installed">Semantic versions.</param>
    /// <exception cref="PluginLoadException">One of them is higher.</exception>
    public void CheckVersion(IEnumerable<string> installed)
    {
        if (installed.Select(NuGetVersion.Parse).Max() is { } highest && Manifest.Version < highest)
            throw PluginRefusal.Downgrade.Of(
                Manifest.Id, $"version {Manifest.Version} is lower than {highest}, which was installed before");
    }

    /// <summary>Compares the publisher with the one that the plugin came from before.</summary>
    /// <param name="before">The publisher's name; null if nobody had signed it, or if it came with the host.</param>
    /// <exception cref="PluginLoadException">It is another one, and not of the first party.</exception>
    public void CheckPublisher(string? before)
    {
        if (Publisher?.Tier is not PublisherTier.FirstParty && Publisher?.Name != before)
            throw PluginRefusal.OtherPublisher.Of(
                Manifest.Id, $"it comes from {Publisher?.Name ?? "nobody"}, and what was there before from {before ?? "nobody who signs"}");
    }

    /// <summary>Compares what the manifest asks for with what the operator allows.</summary>
    /// <exception cref="PluginLoadException">Something is not granted.</exception>
    public void CheckGrants(IEnumerable<string> granted)
    {
        if (Manifest.Permissions.Except(granted).FirstOrDefault() is { } missing)
            throw PluginRefusal.NotGranted.Of(Manifest.Id, $"it asks for the permission {missing}, which is not granted");
    }
}
