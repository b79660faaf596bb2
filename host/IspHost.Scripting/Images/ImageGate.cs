using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using IspHost.Scripting.Shared;

namespace IspHost.Scripting.Images;

/// <summary>Looks at an image before it is stored or sent to a worker, and believes nothing of where it came from.</summary>
/// <remarks>
/// Everything an assembly calls is written in its metadata, whatever the source looked like. So the same list is asked again, here
/// about references, and the code is looked through for instructions that need none and for loops without a meter.
/// </remarks>
sealed class ImageGate
{
    const string Meter = "IspHost.ScriptWorker.Metering.Meter", Linq = "IspHost.ScriptWorker.Linq.", Names = "SequenceNames";

    static readonly HashSet<string> Assemblies = new(StringComparer.Ordinal)
    {
        "System.Private.CoreLib", "System.Runtime", "System.Collections", "System.Collections.Immutable",
        "IspHost.Sdk", "IspHost.ScriptWorker",
    };

    const MethodImplAttributes NotOfScripts =
        MethodImplAttributes.CodeTypeMask | MethodImplAttributes.ManagedMask | MethodImplAttributes.InternalCall;

    readonly PEReader file;
    readonly MetadataReader metadata;
    readonly DocumentationIds ids;
    readonly StackMembers members;

    ImageGate(PEReader file)
    {
        this.file = file;
        metadata = file.GetMetadataReader();
        ids = new DocumentationIds(metadata);
        members = new StackMembers(metadata);
    }

    /// <returns>Why the image is refused, or null.</returns>
    public static string? Refuse(byte[] assembly)
    {
        try
        {
            using var file = new PEReader(new MemoryStream(assembly));
            return new ImageGate(file).Reasons().FirstOrDefault();
        }
        catch (Exception broken) when (broken is BadImageFormatException or ArgumentException or InvalidCastException)
        {
            return "The image is broken.";
        }
    }

    IEnumerable<string> Reasons() => Tables().Concat(References()).Concat(Types()).Concat(Methods());

    IEnumerable<string> Tables()
    {
        if (file.PEHeaders.CorHeader is not { EntryPointTokenOrRelativeVirtualAddress: 0 } header || (header.Flags & CorFlags.ILOnly) == 0)
            yield return "The image is not pure code.";
        (TableIndex Table, string Name)[] empty =
        [
            (TableIndex.ModuleRef, "native modules"), (TableIndex.ImplMap, "native methods"), (TableIndex.File, "files"),
            (TableIndex.ManifestResource, "resources"), (TableIndex.ExportedType, "forwarded types"),
            (TableIndex.DeclSecurity, "declared security"), (TableIndex.FieldMarshal, "marshalling"),
        ];
        foreach (var (table, name) in empty)
            if (metadata.GetTableRowCount(table) > 0)
                yield return $"The image has {name}.";
    }

    IEnumerable<string> References()
    {
        foreach (var handle in metadata.AssemblyReferences)
            if (metadata.GetString(metadata.GetAssemblyReference(handle).Name) is var name && !Assemblies.Contains(name))
                yield return $"{name} is not available to scripts.";
        foreach (var handle in metadata.TypeReferences)
            if (ids.OfType(handle) is var id && !IsAllowed($"T:{id}") && !IsOurs(id))
                yield return $"{id} is not available to scripts.";
        foreach (var handle in metadata.MemberReferences)
            if (ids.OfMember(handle) is var (owner, id) && !IsAllowedMember(owner, id))
                yield return $"{id[2..]} is not available to scripts.";
    }

    /// <summary>Members without an outside owner are the script's own.</summary>
    static bool IsAllowedMember(string owner, string id)
        => owner.Length == 0 || IsOurs(owner) || IsAllowed(id) || IsAccessor(id) || IsFunction(owner, id);

    static bool IsAllowed(string id) => ApiList.Scripts.Allows(id) || ApiList.Compiler.Allows(id);

    static bool IsOurs(string type) => type is Meter or Names || type.StartsWith(Linq, StringComparison.Ordinal);

    /// <summary>Making and calling a function of an allowed type: the method behind it is looked at itself.</summary>
    static bool IsFunction(string owner, string id)
        => IsAllowed($"T:{owner}")
            && (id == $"M:{owner}.#ctor(System.Object,System.IntPtr)" || id.StartsWith($"M:{owner}.Invoke", StringComparison.Ordinal));

    /// <summary>Metadata has methods where the list has properties.</summary>
    static bool IsAccessor(string id)
    {
        var name = id.AsSpan(id.LastIndexOf('.', id.IndexOf('(') is var open and >= 0 ? open : id.Length - 1) + 1);
        if (!name.StartsWith("get_", StringComparison.Ordinal) && !name.StartsWith("set_", StringComparison.Ordinal))
            return false;
        var isSetter = name[0] == 's';
        var property = string.Concat("P:", id.AsSpan(2, id.Length - 2 - name.Length), name[4..]);
        return ApiList.Scripts.Allows(isSetter ? WithoutLastParameter(property) : property);
    }

    static string WithoutLastParameter(string id)
    {
        var depth = 0;
        for (var i = id.Length - 2; i > 0; i--)
        {
            depth += id[i] is '}' or ')' ? 1 : id[i] == '{' ? -1 : 0;
            if (depth == 0 && id[i] is ',')
                return id[..i] + ")";
            if (depth == 0 && id[i] is '(')
                return id[..i];
        }

        return id;
    }

    IEnumerable<string> Types()
    {
        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            var name = metadata.GetString(type.Name);
            if (name == "<Module>" && (type.GetMethods().Count > 0 || type.GetFields().Count > 0))
                yield return "The image has code of its module.";
            if ((type.Attributes & TypeAttributes.LayoutMask) == TypeAttributes.ExplicitLayout && type.GetFields().Count > 0)
                yield return $"{name} lays out its fields by itself.";
        }
    }

    IEnumerable<string> Methods()
    {
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            var name = metadata.GetString(method.Name);
            var type = metadata.GetString(metadata.GetTypeDefinition(method.GetDeclaringType()).Name);
            if ((method.ImplAttributes & NotOfScripts) != 0 && !IsDelegate(method))
                yield return $"{name} is not code of the script.";
            if (name == "Finalize" || (name == ".cctor" && !type.StartsWith('<')))
                yield return $"{type} has code that runs by itself.";
            if (method.RelativeVirtualAddress is not 0 and var at && Refuse(handle, file.GetMethodBody(at)) is { } reason)
                yield return $"{name} {reason}.";
        }
    }

    string? Refuse(MethodDefinitionHandle method, MethodBodyBlock body)
    {
        if (CodeGate.Refuse(body, metadata, ids) is { } reason)
            return reason;
        var (owner, signature) = members.Method(method);
        return new StackGate(members, body, StackMembers.Parameters(owner, signature), signature.ReturnType.Kind).Refuse();
    }

    /// <summary>The compiler's own delegate types have methods that the runtime fills in.</summary>
    bool IsDelegate(MethodDefinition method)
        => metadata.GetTypeDefinition(method.GetDeclaringType()).BaseType is { Kind: HandleKind.TypeReference } parent
            && ids.OfType((TypeReferenceHandle)parent) == "System.MulticastDelegate";
}
