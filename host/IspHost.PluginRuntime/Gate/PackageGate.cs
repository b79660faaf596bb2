using NuGet.Versioning;

namespace IspHost.PluginRuntime;

/// <summary>Refuses a plugin that would not work, or does what it does not say, before any of its code is loaded.</summary>
sealed class PackageGate(SharedAssemblies shared, NuGetVersion sdk)
{
    public void Check(PluginManifest manifest, IReadOnlyList<PackageFile> files)
    {
        if (!manifest.Sdk.Satisfies(sdk))
            throw PluginRefusal.SdkRange.Of(manifest.Id, $"it needs version {manifest.Sdk} of the SDK, and the host has {sdk}");

        var images = files.Where(IsImage).Select(file => (File: file, Assembly: PackageAssembly.TryRead(file))).ToList();
        var assemblies = images.Select(image => image.Assembly).OfType<PackageAssembly>().ToList();
        if (assemblies.All(assembly => assembly.Path != manifest.Assembly))
            throw PluginRefusal.NoAssembly.Of(manifest.Id, $"its assembly {manifest.Assembly} is missing or is not a .NET assembly");

        var names = assemblies.Select(assembly => assembly.FileName).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (file, assembly) in images)
        {
            if (assembly is null)
                CheckPermission(manifest, Permission.Native, $"{file.Path} is native code");
            else
                CheckAssembly(manifest, assembly, names);
        }
    }

    void CheckAssembly(PluginManifest manifest, PackageAssembly assembly, HashSet<string> package)
    {
        if (shared.Contains(assembly.Name) || shared.Contains(assembly.FileName))
            throw PluginRefusal.SharedAssembly.Of(
                manifest.Id,
                $"it contains {Path.GetFileName(assembly.Path)}, which every plugin shares with the host: leave it out of the package");

        foreach (var (name, version) in assembly.References)
            CheckReference(manifest, assembly, name, version, package);
        foreach (var (permission, member) in assembly.Needs)
            CheckPermission(manifest, permission, $"{assembly.Path} uses {member}");
    }

    void CheckReference(PluginManifest manifest, PackageAssembly from, string name, Version version, HashSet<string> package)
    {
        if (shared.Contains(name))
        {
            var host = shared.VersionOf(name);
            if (version > host)
                throw PluginRefusal.NewerReference.Of(manifest.Id, $"{from.Name} refers to {name} {version}, and the host has {host}");
        }
        else if (!package.Contains(name) && (from.Path == manifest.Assembly || shared.IsHostOnly(name)))
        {
            throw PluginRefusal.NoReference.Of(
                manifest.Id, $"{from.Name} refers to {name}, which is neither in the package nor shared by the host");
        }
    }

    static void CheckPermission(PluginManifest manifest, Permission permission, string reason)
    {
        if (!manifest.Permissions.Contains(permission.Name))
            throw PluginRefusal.NotPermitted.Of(manifest.Id, $"{reason}, and the manifest does not name the permission {permission.Name}");
    }

    /// <summary>Whether a system would run it: judged by how it begins, whatever it is called.</summary>
    static bool IsImage(PackageFile file)
    {
        Span<byte> start = stackalloc byte[4];
        using var content = file.Open();
        var count = content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return start[..count] is [(byte)'M', (byte)'Z', ..] or [0x7F, (byte)'E', (byte)'L', (byte)'F']
            or [0xFE, 0xED, 0xFA, 0xCE or 0xCF] or [0xCE or 0xCF, 0xFA, 0xED, 0xFE] or [0xCA, 0xFE, 0xBA, 0xBE or 0xBF];
    }
}
