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
        => WithAssembly(name, metadata =>
        {
            foreach (var (reference, version) in references)
                metadata.AddAssemblyReference(metadata.GetOrAddString(reference), version, default, default, 0, default);
        });

    /// <summary>Adds an assembly that names a member of the framework, and calls nothing.</summary>
    public TestPackage WithUse(string name, string type, string member) => WithAssembly(name, metadata =>
    {
        var framework = metadata.AddAssemblyReference(
            metadata.GetOrAddString("System.Runtime"), new Version(10, 0, 0, 0), default, default, 0, default);
        var dot = type.LastIndexOf('.');
        var parent = metadata.AddTypeReference(framework, metadata.GetOrAddString(type[..dot]), metadata.GetOrAddString(type[(dot + 1)..]));
        metadata.AddMemberReference(parent, metadata.GetOrAddString(member), Nothing(metadata));
    });

    /// <summary>Adds an assembly that imports a function of a native library, and calls nothing.</summary>
    public TestPackage WithImport(string name, string library, string function) => WithAssembly(name, metadata =>
    {
        var method = metadata.AddMethodDefinition(
            MethodAttributes.Static | MethodAttributes.PinvokeImpl, MethodImplAttributes.PreserveSig, metadata.GetOrAddString(function),
            Nothing(metadata), bodyOffset: -1, MetadataTokens.ParameterHandle(1));
        metadata.AddMethodImport(
            method, MethodImportAttributes.None, metadata.GetOrAddString(function),
            metadata.AddModuleReference(metadata.GetOrAddString(library)));
    });

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    TestPackage WithAssembly(string name, Action<MetadataBuilder> add)
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
        add(metadata);

        var image = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder()).Serialize(image);
        File.WriteAllBytes(Path.Combine(Folder, $"{name}.dll"), image.ToArray());
        return this;
    }

    /// <summary>The signature of a method that takes nothing and gives nothing.</summary>
    static BlobHandle Nothing(MetadataBuilder metadata)
    {
        var signature = new BlobBuilder();
        new BlobEncoder(signature).MethodSignature().Parameters(0, returns => returns.Void(), _ => { });
        return metadata.GetOrAddBlob(signature);
    }
}
