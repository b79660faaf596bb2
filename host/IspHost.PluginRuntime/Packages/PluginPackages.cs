namespace IspHost.PluginRuntime;

/// <summary>Checks packages, and puts them where plugins are loaded from.</summary>
public sealed class PluginPackages
{
    readonly PackageGate gate;
    readonly PluginStore store;
    readonly PackageLimits limits;

    internal PluginPackages(PackageGate gate, PluginStore store, PackageLimits? limits = null)
        => (this.gate, this.store, this.limits) = (gate, store, limits ?? new());

    /// <summary>Where packages are kept as they came. A plugin's id begins with a letter, so no plugin has this folder.</summary>
    public string Folder => Path.Combine(store.Root, ".packages");

    /// <summary>Looks at a package as a host would that has these options, and can unpack none.</summary>
    /// <exception cref="PluginLoadException">It is refused, by the first rule that it breaks.</exception>
    public static PluginPackage Check(string file, PackageTrust trust, PluginRuntimeOptions options)
    {
        using var store = new PluginStore(root: null);
        var gate = new PackageGate(new SharedAssemblies(options.SharedAssemblies), options.SdkVersion);
        return new PluginPackages(gate, store).Check(file, Path.GetFileName(file), trust);
    }

    /// <summary>Writes what comes to a file of its own in <see cref="Folder"/>, and believes none of it.</summary>
    /// <returns>The file; the caller moves or deletes it.</returns>
    /// <exception cref="PluginLoadException">There is more of it than a package may have.</exception>
    public async Task<string> ReceiveAsync(Stream content, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, $"incoming-{Guid.NewGuid():N}");
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew);
            var piece = new byte[64 * 1024];
            while (await content.ReadAsync(piece, cancellationToken) is > 0 and var read)
            {
                await file.WriteAsync(piece.AsMemory(0, read), cancellationToken);
                if (file.Length > limits.Bytes)
                    throw PluginRefusal.TooLarge.Of("package", $"more than {limits.Bytes} bytes came");
            }
            return path;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Checks a package: archive, signature, every file, manifest, SDK, metadata. Nothing is written.</summary>
    /// <param name="file">The archive. Nobody else changes it until it is unpacked.</param>
    /// <param name="name">What it is called in refusals before its manifest is read.</param>
    /// <param name="trust">Whose packages are taken.</param>
    /// <param name="sha256">Of the archive, where it was checked before: another one is refused, signed or not.</param>
    /// <exception cref="PluginLoadException">It is refused, by the first rule that it breaks.</exception>
    public PluginPackage Check(string file, string name, PackageTrust trust, string? sha256 = null)
    {
        using var archive = PackageArchive.Open(file, name, limits);
        var hash = archive.Hash();
        if (sha256 is not null && hash != sha256)
            throw PluginRefusal.Changed.Of(name, "the archive is not the one that was taken");
        var json = archive.TryRead(FileList.Name, limits.ListBytes, PluginRefusal.NoList)
            ?? throw PluginRefusal.NoList.Of(name, $"it has no {PackageArchive.Folder}{FileList.Name}");
        var publisher = trust.Check(name, json, archive.TryRead(PackageSignature.Name, limits.SignatureBytes, PluginRefusal.NoSignature));
        var list = FileList.Parse(name, json, limits, archive.Length);
        list.Compare(name, archive.Names);
        foreach (var listed in list.Files)
            listed.Read(name, archive);

        var files = FilesOf(name, archive, list);
        var manifest = ManifestOf(name, files);
        gate.Check(manifest, files);
        return new PluginPackage
        {
            Manifest = manifest,
            Publisher = publisher,
            Sha256 = hash,
            Size = archive.Length,
            Files = list,
        };
    }

    /// <summary>Unpacks a package that was checked.</summary>
    /// <returns>The folder, which is named by what is in it.</returns>
    /// <exception cref="PluginLoadException">The archive is another one now.</exception>
    public string Unpack(PluginPackage package, string file)
    {
        using var archive = PackageArchive.Open(file, package.Manifest.Id, limits);
        return store.Add(package.Manifest, FilesOf(package.Manifest.Id, archive, package.Files));
    }

    /// <summary>The plugin's files; each is compared with the list again whenever it is opened.</summary>
    static List<PackageFile> FilesOf(string name, PackageArchive archive, FileList list)
        => [.. list.Files
            .Select(file => new PackageFile(file.Path, () => new MemoryStream(file.Read(name, archive), writable: false)))
            .OrderBy(file => file.Path, StringComparer.Ordinal)];

    static PluginManifest ManifestOf(string name, IReadOnlyList<PackageFile> files)
    {
        var file = files.FirstOrDefault(file => file.Path == ManifestReader.FileName)
            ?? throw PluginRefusal.NoManifest.Of(name, $"it has no {PackageArchive.Folder}{ManifestReader.FileName}");
        try
        {
            using var content = file.Open();
            return ManifestReader.Read(PackageArchive.Folder + ManifestReader.FileName, content);
        }
        catch (PluginManifestException broken)
        {
            throw broken.Rule.Of(name, broken.Message.TrimEnd('.'));
        }
    }
}
