using NuGet.Versioning;

namespace IspHost.PluginRuntime;

/// <summary>What a plugin says about itself in <c>plugin.json</c>, checked.</summary>
public sealed record PluginManifest
{
    /// <summary>Names the plugin for ever, such as <c>Nas.MikroTik</c>; ids that differ only in case are the same.</summary>
    public required string Id { get; init; }

    /// <summary>What people read.</summary>
    public required string Name { get; init; }

    /// <summary>Of the plugin.</summary>
    public required NuGetVersion Version { get; init; }

    /// <summary>The versions of the SDK that it works with.</summary>
    public required VersionRange Sdk { get; init; }

    /// <summary>The file name of its main assembly, beside the manifest.</summary>
    public required string Assembly { get; init; }

    /// <summary>The full name of the class that implements <see cref="IPlugin"/>.</summary>
    public required string Entry { get; init; }

    /// <summary>A sentence for staff.</summary>
    public string Description { get; init; } = "";

    /// <summary>The database schema that it owns; null if it says so in its code, or owns none.</summary>
    public string? Schema { get; init; }

    /// <summary>What it asks the operator to allow.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    internal PluginIdentity Identity => new(Id, Name, Version.ToNormalizedString());
}

/// <summary>Which plugin, and which version of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people read.</param>
/// <param name="Version">A semantic version.</param>
public sealed record PluginIdentity(string Id, string Name, string Version);
