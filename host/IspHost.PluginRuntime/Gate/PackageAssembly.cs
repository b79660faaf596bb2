using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace IspHost.PluginRuntime;

/// <summary>What the metadata of an assembly says, read without loading it.</summary>
/// <param name="Path">Of its file.</param>
/// <param name="Name">Its own.</param>
/// <param name="References">What it refers to.</param>
/// <param name="Needs">The permissions that it needs, each with a member that needs it.</param>
sealed record PackageAssembly(
    string Path, string Name, IReadOnlyList<(string Name, Version Version)> References, IReadOnlyDictionary<Permission, string> Needs)
{
    public string FileName => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <returns>Null if it is none, or none that can be read.</returns>
    public static PackageAssembly? TryRead(PackageFile file)
    {
        try
        {
            using var image = new PEReader(file.Open());
            return image.HasMetadata && image.PEHeaders.CorHeader!.Flags.HasFlag(CorFlags.ILOnly)
                ? Read(file.Path, image.GetMetadataReader())
                : null;
        }
        // What the reader throws for bytes that are no image, or no metadata. The file counts as native code then.
        catch (Exception cause) when (
            cause is BadImageFormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    static PackageAssembly? Read(string path, MetadataReader metadata)
        => metadata.IsAssembly
            ? new(
                path,
                metadata.GetString(metadata.GetAssemblyDefinition().Name),
                [.. metadata.AssemblyReferences.Select(reference => Read(metadata, reference))],
                Permission.NeededBy(metadata))
            : null;

    static (string, Version) Read(MetadataReader metadata, AssemblyReferenceHandle handle)
    {
        var reference = metadata.GetAssemblyReference(handle);
        return (metadata.GetString(reference.Name), reference.Version);
    }
}
