namespace IspHost.PluginRuntime;

/// <summary>A file of a plugin, in a folder or in an archive.</summary>
/// <param name="Path">Relative to <c>plugin.json</c>, with slashes.</param>
/// <param name="Open">Opens it for reading, at its beginning; it can be sought in.</param>
sealed record PackageFile(string Path, Func<Stream> Open)
{
    /// <summary>The files below a folder, by name.</summary>
    public static IReadOnlyList<PackageFile> In(string folder)
        => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => new PackageFile(
                System.IO.Path.GetRelativePath(folder, file).Replace(System.IO.Path.DirectorySeparatorChar, '/'),
                () => File.OpenRead(file)))
            .OrderBy(file => file.Path, StringComparer.Ordinal)];
}
