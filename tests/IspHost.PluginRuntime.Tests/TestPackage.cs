using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace IspHost.PluginRuntime.Tests;

/// <summary>A package made for one test, in a folder of its own.</summary>
sealed class TestPackage : IDisposable
{
    public TestPackage() => Folder = Directory.CreateTempSubdirectory("isphost-package-").FullName;

    public string Folder { get; }

    /// <summary>A copy of a fixture, to be spoilt.</summary>
    public static TestPackage CopyOf(string fixture)
    {
        var package = new TestPackage();
        foreach (var file in Directory.EnumerateFiles(fixture))
            File.Copy(file, Path.Combine(package.Folder, Path.GetFileName(file)));
        return package;
    }

    public TestPackage With(string file, string text)
    {
        File.WriteAllText(Path.Combine(Folder, file), text);
        return this;
    }

    /// <summary>Changes the manifest.</summary>
    public TestPackage Change(string part, string into)
        => With("plugin.json", File.ReadAllText(Path.Combine(Folder, "plugin.json")).Replace(part, into));

    /// <summary>Adds an assembly that holds nothing but references.</summary>
    public TestPackage WithAssembly(string name, params (string Name, Version Version)[] references)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString(name), metadata.GetOrAddGuid(Guid.NewGuid()), default, default);
        metadata.AddAssembly(metadata.GetOrAddString(name), new Version(1, 0, 0, 0), default, default, 0, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(
            default,
            default,
            metadata.GetOrAddString("<Module>"),
            default,
            MetadataTokens.FieldDefinitionHandle(1),
            MetadataTokens.MethodDefinitionHandle(1));
        foreach (var (reference, version) in references)
            metadata.AddAssemblyReference(metadata.GetOrAddString(reference), version, default, default, 0, default);

        var image = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder()).Serialize(image);
        File.WriteAllBytes(Path.Combine(Folder, $"{name}.dll"), image.ToArray());
        return this;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
