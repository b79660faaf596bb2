using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace IspHost.Sdk.Testing;

/// <summary>Finds in the metadata of a plugin's assemblies what has been seen to keep plugins in memory.</summary>
static class Suspects
{
    const string Event = "the event keeps your delegate: unsubscribe in Dispose of a class in your container";
    const string Runs = "it runs on after your container is gone: stop it in Dispose, or use AddJob or an actor's wake-up";
    const string Listener = "the runtime lists it until it is disposed: let the container own it";
    const string Options = "EF Core caches services by options: use AddDatabase of IspHost.Sdk.Data";
    const string Dynamic = "the binder's caches keep the call site: use an interface";
    const string Proxy = "it emits types that keep those of the plugin: write the class by hand";
    const string Json = "the serializer's caches keep your types: use a JsonSerializerContext, and hand its type information to every call";
    const string Copy = "a private copy has statics that the process keeps: leave it out if the host shares it";

    static readonly (string Type, string Member, string Why)[] Known =
    [
        ("System.AppDomain", "add_", Event),
        ("System.Runtime.Loader.AssemblyLoadContext", "add_", Event),
        ("System.Threading.Tasks.TaskScheduler", "add_", Event),
        ("System.Console", "add_", Event),
        ("System.Net.NetworkInformation.NetworkChange", "add_", Event),
        ("System.Threading.Timer", ".ctor", Runs),
        ("System.Timers.Timer", ".ctor", Runs),
        ("System.Threading.PeriodicTimer", ".ctor", Runs),
        ("System.Threading.Thread", ".ctor", Runs),
        ("System.Threading.ThreadPool", "RegisterWaitForSingleObject", Runs),
        ("System.Diagnostics.Metrics.MeterListener", ".ctor", Listener),
        ("System.Diagnostics.ActivityListener", ".ctor", Listener),
        ("System.Diagnostics.DiagnosticListener", "get_AllListeners", Listener),
        ("Microsoft.EntityFrameworkCore.DbContextOptionsBuilder", ".ctor", Options),
        ("Microsoft.CSharp.RuntimeBinder.Binder", "", Dynamic),
        ("System.Reflection.DispatchProxy", "Create", Proxy),
    ];

    static readonly string[] MustBeShared =
        ["Npgsql", "Microsoft.EntityFrameworkCore", "Microsoft.Data.Sqlite", "Microsoft.Data.SqlClient"];

    /// <summary>A line each: the assembly, what it uses, and why that matters.</summary>
    public static IReadOnlyList<string> In(PluginFolder plugin)
        =>
        [
            .. plugin.Libraries.SelectMany(In),
            .. plugin.Assemblies.Intersect(MustBeShared).Order(StringComparer.Ordinal).Select(name => $"{name}.dll: {Copy}"),
        ];

    static string[] In(string file)
    {
        try
        {
            using var image = new PEReader(File.OpenRead(file));
            return image.HasMetadata ? In(Path.GetFileName(file), image.GetMetadataReader()) : [];
        }
        catch (BadImageFormatException)
        {
            return []; // A native library.
        }
    }

    static string[] In(string file, MetadataReader metadata)
    {
        var named = metadata.MemberReferences.Select(handle => NameOf(metadata, handle));
        var used = named.OfType<(string Type, string Member)>().ToHashSet();
        var found = from use in used
                    from known in Known
                    where use.Type == known.Type && use.Member.StartsWith(known.Member, StringComparison.Ordinal)
                    orderby use.Type, use.Member
                    select $"{file}: {Show(use.Type, use.Member)}: {known.Why}";
        string[] json = UsesJsonByReflection(metadata, used) ? [$"{file}: JsonSerializer without a context of its own: {Json}"] : [];
        return [.. found, .. json];
    }

    static (string Type, string Member)? NameOf(MetadataReader metadata, MemberReferenceHandle handle)
    {
        var member = metadata.GetMemberReference(handle);
        return member.Parent.Kind is HandleKind.TypeReference
            ? (NameOf(metadata, (TypeReferenceHandle)member.Parent), metadata.GetString(member.Name))
            : null;
    }

    static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }

    static bool UsesJsonByReflection(MetadataReader metadata, HashSet<(string Type, string Member)> used)
        => used.Any(use => use.Type == "System.Text.Json.JsonSerializer")
            && !metadata.TypeDefinitions.Select(handle => metadata.GetTypeDefinition(handle).BaseType).Any(
                type => type.Kind is HandleKind.TypeReference
                    && NameOf(metadata, (TypeReferenceHandle)type) == "System.Text.Json.Serialization.JsonSerializerContext");

    static string Show(string type, string member)
    {
        var name = type[(type.LastIndexOf('.') + 1)..];
        return member switch
        {
            ".ctor" => $"new {name}",
            _ when member.StartsWith("add_", StringComparison.Ordinal) => $"{name}.{member[4..]} +=",
            _ => $"{name}.{member}",
        };
    }
}
