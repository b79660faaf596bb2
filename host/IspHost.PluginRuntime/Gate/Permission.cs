using System.Reflection.Metadata;

namespace IspHost.PluginRuntime;

/// <summary>What a plugin may do beyond the SDK once its manifest names it and the operator grants it.</summary>
/// <remarks>
/// It is no sandbox: whoever wants to hide a call finds a way by reflection. It is what an operator reads before they install, and what
/// keeps somebody else's library from doing what nobody meant it to.
/// </remarks>
public sealed record Permission
{
    readonly Func<string, string, bool> covers;

    Permission(string name, string description, Func<string, string, bool> covers)
        => (Name, Description, this.covers) = (name, description, covers);

    /// <summary>As the manifest says it.</summary>
    public string Name { get; }

    /// <summary>What it allows.</summary>
    public string Description { get; }

    internal static Permission Native { get; } = new(
        "native", "Brings native libraries, or calls functions of the system.",
        (type, _) => type == "System.Runtime.InteropServices.NativeLibrary");

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<Permission> All { get; } =
    [
        Native,
        new("process", "Starts programs, or ends the host.", (type, member) =>
            (type, member) is ("System.Diagnostics.Process", "Start") or ("System.Environment", "Exit" or "FailFast")),
        new("process-events", "Listens to events of the process, which keeps the plugin in memory for good.", (type, member) =>
            member.StartsWith("add_", StringComparison.Ordinal)
            && type is "System.AppDomain" or "System.Console" or "System.Threading.Tasks.TaskScheduler"),
        new("load-code", "Loads assemblies that are not part of it.", (type, member) =>
            type == "System.Runtime.Loader.AssemblyLoadContext"
            || (type, member) is ("System.Reflection.Assembly", "Load" or "LoadFrom" or "LoadFile" or "UnsafeLoadFrom")),
        new("emit-code", "Makes code at run time.", (type, _) => type.StartsWith("System.Reflection.Emit.", StringComparison.Ordinal)
            && type != "System.Reflection.Emit.OpCodes"),
        new("dynamic", "Uses `dynamic`, which keeps the plugin in memory for good.", (type, _) =>
            type.StartsWith("Microsoft.CSharp.RuntimeBinder.", StringComparison.Ordinal)),
    ];

    /// <summary>The permissions that an assembly needs, each with the first member that needs it.</summary>
    internal static IReadOnlyDictionary<Permission, string> NeededBy(MetadataReader metadata)
    {
        var needed = new Dictionary<Permission, string>();
        foreach (var import in metadata.MethodDefinitions.Select(metadata.GetMethodDefinition).Select(method => method.GetImport()))
        {
            if (!import.Module.IsNil)
                needed.TryAdd(
                    Native,
                    $"{metadata.GetString(import.Name)} of {metadata.GetString(metadata.GetModuleReference(import.Module).Name)}");
        }
        foreach (var (type, member) in Uses(metadata))
        {
            if (All.FirstOrDefault(permission => permission.covers(type, member)) is { } permission)
                needed.TryAdd(permission, member.Length == 0 ? type : $"{type}.{member}");
        }
        return needed;
    }

    /// <summary>The types of others that it names, and their members.</summary>
    static IEnumerable<(string Type, string Member)> Uses(MetadataReader metadata)
        => metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind is HandleKind.TypeReference)
            .Select(member => (NameOf(metadata, (TypeReferenceHandle)member.Parent), metadata.GetString(member.Name)))
            .Concat(metadata.TypeReferences.Select(type => (NameOf(metadata, type), "")));

    static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }
}
