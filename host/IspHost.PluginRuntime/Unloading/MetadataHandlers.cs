using System.Reflection;
using System.Reflection.Metadata;

namespace IspHost.PluginRuntime;

/// <summary>
/// Has the libraries drop what they have cached about types, by the door that they keep open for hot reload. It works in any process,
/// and makes all of them start cold again: only for a context that would not die otherwise.
/// </summary>
static class MetadataHandlers
{
    public static void ClearAll()
    {
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsCollectible))
        {
            foreach (var handler in assembly.GetCustomAttributes<MetadataUpdateHandlerAttribute>())
                Clear(handler.HandlerType);
        }
    }

    static void Clear(Type handler)
    {
        const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        try
        {
            handler.GetMethod("ClearCache", Any, [typeof(Type[])])?.Invoke(null, [null]);
        }
        catch (TargetInvocationException)
        {
            // A library that cannot clear its cache keeps what it has; the proof will say so.
        }
    }
}
