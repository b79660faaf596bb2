using System.Reflection;
using System.Runtime.Loader;

namespace IspHost.Sdk.Testing;

/// <summary>Looks where the base library keeps delegates for as long as the process lives.</summary>
/// <remarks>Strings go out, and nothing else: whoever looks must not hold.</remarks>
static class Holders
{
    const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>The assemblies of the plugin that the process still has, with their load contexts.</summary>
    public static IReadOnlyList<string> LoadedOf(PluginFolder plugin)
        =>
        [
            .. from assembly in AppDomain.CurrentDomain.GetAssemblies()
               where IsOf(assembly, plugin)
               group assembly by $"{assembly.GetName().Name} {assembly.GetName().Version}" into same
               orderby same.Key
               select $"{same.Key}, {same.Count()} time(s), in the load context {ContextOf(same.First())}",
        ];

    /// <summary>Events that still have a handler of the plugin.</summary>
    public static IReadOnlyList<string> Of(PluginFolder plugin)
        =>
        [
            .. from place in Places()
               from field in place.Type.GetFields(Any)
               where field.FieldType.IsAssignableTo(typeof(Delegate)) && (field.IsStatic || place.Target is not null)
               from handler in ((Delegate?)field.GetValue(field.IsStatic ? null : place.Target))?.GetInvocationList() ?? []
               where IsOf(handler.Method.Module.Assembly, plugin)
               select $"{place.Type.Name}.{NameOf(field)} -> {handler.Method.DeclaringType?.FullName}.{handler.Method.Name}",
        ];

    static string ContextOf(Assembly assembly) => AssemblyLoadContext.GetLoadContext(assembly)?.Name ?? "without a name";

    static IEnumerable<(Type Type, object? Target)> Places()
        =>
        [
            (typeof(AppDomain), AppDomain.CurrentDomain),
            (typeof(AppContext), null),
            (typeof(AssemblyLoadContext), AssemblyLoadContext.Default),
            (typeof(TaskScheduler), null),
            (typeof(Console), null),
        ];

    static string NameOf(FieldInfo field) => field.Name is "s_cancelCallbacks" ? nameof(Console.CancelKeyPress) : field.Name.TrimStart('_');

    static bool IsOf(Assembly assembly, PluginFolder plugin)
        => assembly.IsCollectible && plugin.Assemblies.Contains(assembly.GetName().Name ?? "");
}
