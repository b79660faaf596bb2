using System.Collections;
using System.Reflection;

namespace IspHost.PluginRuntime;

/// <summary>A static field of a shared assembly that keeps what it has seen of plugins' types.</summary>
/// <param name="Assembly">The simple name of the assembly.</param>
/// <param name="Type">The full name of the type that has the field.</param>
/// <param name="Field">The field: a dictionary, of which entries with keys of plugins are removed, or an object with such fields.</param>
public sealed record StaticCache(string Assembly, string Type, string Field)
{
    const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Found by dumping the roots of contexts that would not die, on .NET 10.0 and EF Core 10.0.</summary>
    internal static IReadOnlyList<StaticCache> Known { get; } =
    [
        new("Microsoft.EntityFrameworkCore", "Microsoft.EntityFrameworkCore.ChangeTracking.ValueComparer", "GenericSnapshotMethodMap"),
        new("Microsoft.EntityFrameworkCore.Relational", "Microsoft.EntityFrameworkCore.Storage.RelationalTypeMapping", "GetXMethods"),
        new("Microsoft.EntityFrameworkCore.Relational", "Microsoft.EntityFrameworkCore.Query.Internal.ReaderColumn", "Constructors"),
        new("Microsoft.AspNetCore.Http.Extensions", "Microsoft.AspNetCore.Http.RequestDelegateFactory", "ParameterBindingMethodCache"),
        new("Microsoft.AspNetCore.Http.Extensions", "Microsoft.AspNetCore.Http.ParameterBindingMethodCache", "Instance"),
        new("Microsoft.AspNetCore.Http.Abstractions", "Microsoft.Extensions.Internal.PropertyHelper", "PropertiesCache"),
        new("Microsoft.AspNetCore.Http.Abstractions", "Microsoft.Extensions.Internal.PropertyHelper", "VisiblePropertiesCache"),
        new("Microsoft.AspNetCore.Http.Abstractions", "Microsoft.AspNetCore.Routing.RouteValueDictionary", "_propertyCache"),
        new("Microsoft.AspNetCore.Routing", "Microsoft.Extensions.Internal.PropertyHelper", "PropertiesCache"),
        new("Microsoft.AspNetCore.Routing", "Microsoft.Extensions.Internal.PropertyHelper", "VisiblePropertiesCache"),
        new("Microsoft.Extensions.DependencyInjection.Abstractions",
            "Microsoft.Extensions.DependencyInjection.ActivatorUtilities", "s_constructorInfos"),
    ];

    /// <summary>Removes the entries that belong to collectible types. Does nothing where this version of the assembly differs.</summary>
    internal void Scrub()
    {
        var assembly = AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => !a.IsCollectible && a.GetName().Name == Assembly);
        if (assembly?.GetType(Type)?.GetField(Field, Any)?.GetValue(null) is not { } cache)
            return;

        if (cache is IDictionary entries)
            Scrub(entries);
        else
            ScrubFieldsOf(cache);
    }

    static void ScrubFieldsOf(object cache)
    {
        foreach (var field in cache.GetType().GetFields(Any))
        {
            if (field.GetValue(cache) is IDictionary entries)
                Scrub(entries);
        }
    }

    static void Scrub(IDictionary entries)
    {
        foreach (var key in entries.Keys.Cast<object>().Where(IsCollectible).ToArray())
            entries.Remove(key);
    }

    static bool IsCollectible(object key) => key switch
    {
        Type type => type.IsCollectible,
        MemberInfo member => member.Module.Assembly.IsCollectible,
        ParameterInfo parameter => parameter.Member.Module.Assembly.IsCollectible,
        _ => key.GetType().IsCollectible,
    };
}
