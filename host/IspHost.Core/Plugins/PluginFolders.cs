namespace IspHost.Core.Plugins;

/// <summary>Where plugins lie on disk: each folder below one of these roots that holds a <c>plugin.json</c> is one.</summary>
public sealed class PluginFolders(IReadOnlyList<string> roots)
{
    const string Manifest = "plugin.json";

    /// <summary>The roots that exist.</summary>
    public IReadOnlyList<string> Roots { get; } = [.. roots.Select(Path.GetFullPath).Where(Directory.Exists)];

    /// <summary>The folders of all plugins, by name.</summary>
    public IReadOnlyList<string> All
        => [.. Roots
            .SelectMany(Directory.EnumerateDirectories)
            .Where(folder => File.Exists(Path.Combine(folder, Manifest)))
            .OrderBy(Path.GetFileName, StringComparer.Ordinal)];

    /// <summary>The folder with this name below a root, or null. A name that leads elsewhere is no name of ours.</summary>
    public string? Find(string name) => All.FirstOrDefault(folder => Path.GetFileName(folder) == name);
}
