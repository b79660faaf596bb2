using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using NuGet.Versioning;

namespace IspHost.PluginRuntime;

/// <summary>Refuses a package that would not work, before any of its code is loaded.</summary>
sealed class PackageGate(SharedAssemblies shared, NuGetVersion sdk)
{
    public void Check(PluginManifest manifest, string folder)
    {
        if (!manifest.Sdk.Satisfies(sdk))
            throw Refused(manifest, $"it needs version {manifest.Sdk} of the SDK, and the host has {sdk}");

        var files = Scan(folder);
        if (!files.TryGetValue(Path.GetFileNameWithoutExtension(manifest.Assembly), out var main))
            throw Refused(manifest, $"its assembly {manifest.Assembly} is missing or is not a .NET assembly");

        foreach (var (name, file) in files)
            CheckFile(manifest, name, file, isMain: file == main, files);
    }

    static Dictionary<string, PackageAssembly> Scan(string folder)
    {
        var assemblies = new Dictionary<string, PackageAssembly>(StringComparer.OrdinalIgnoreCase);
        foreach (var path in Directory.EnumerateFiles(folder, "*.dll", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (PackageAssembly.TryRead(path) is { } assembly)
                assemblies.TryAdd(Path.GetFileNameWithoutExtension(path), assembly);
        }

        return assemblies;
    }

    void CheckFile(
        PluginManifest manifest, string fileName, PackageAssembly assembly, bool isMain, Dictionary<string, PackageAssembly> package)
    {
        if (shared.Contains(assembly.Name) || shared.Contains(fileName))
            throw Refused(manifest, $"it contains {fileName}.dll, which every plugin shares with the host: leave it out of the package");

        foreach (var (name, version) in assembly.References)
        {
            if (shared.Contains(name))
                CheckVersion(manifest, assembly.Name, name, version);
            else if (!package.ContainsKey(name) && (isMain || shared.IsHostOnly(name)))
                throw Refused(manifest, $"{assembly.Name} refers to {name}, which is neither in the package nor shared by the host");
        }
    }

    void CheckVersion(PluginManifest manifest, string from, string name, Version version)
    {
        var host = shared.VersionOf(name);
        if (version > host)
            throw Refused(manifest, $"{from} refers to {name} {version}, and the host has {host}");
    }

    static PluginLoadException Refused(PluginManifest manifest, string reason) => new(manifest.Id, "gate", reason);
}

/// <summary>What the metadata of an assembly says, read without loading it.</summary>
sealed record PackageAssembly(string Name, IReadOnlyList<(string Name, Version Version)> References)
{
    public static PackageAssembly? TryRead(string path)
    {
        try
        {
            using var file = new PEReader(File.OpenRead(path));
            return file.HasMetadata ? Read(file.GetMetadataReader()) : null;
        }
        catch (BadImageFormatException)
        {
            return null; // A native library, or no library at all: the loader will not take it for an assembly either.
        }
    }

    static PackageAssembly? Read(MetadataReader metadata)
        => metadata.IsAssembly
            ? new(
                metadata.GetString(metadata.GetAssemblyDefinition().Name),
                [.. metadata.AssemblyReferences.Select(reference => Read(metadata, reference))])
            : null;

    static (string, Version) Read(MetadataReader metadata, AssemblyReferenceHandle handle)
    {
        var reference = metadata.GetAssemblyReference(handle);
        return (metadata.GetString(reference.Name), reference.Version);
    }
}
