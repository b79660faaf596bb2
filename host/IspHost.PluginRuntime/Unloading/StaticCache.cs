using System.Collections;
using System.Reflection;

namespace IspHost.PluginRuntime;

/// <summary>A static field of a shared assembly that keeps what it has seen of plugins' types.</summary>
/// <param name="Assembly">The simple name of the assembly.</param>
/// <param name="Type">The full name of the type that has the field.</param>
/// <param name="Path">
/// The field, and from there on the fields that lead to the cache, such as <c>table/*/next</c>, where <c>*</c> stands for every value of
/// a dictionary. At its end is a dictionary, of which entries with keys of plugins are removed, or an object that holds some.
/// </param>
public sealed record StaticCache(string Assembly, string Type, string Path)
{
    const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    const string BindingMethods = "Microsoft.AspNetCore.Http.ParameterBindingMethodCache";

    /// <summary>Found by dumping the roots of contexts that would not die, on .NET 10.0 and EF Core 10.0.</summary>
    internal static IReadOnlyList<StaticCache> Known { get; } =
    [
        new("Microsoft.EntityFrameworkCore", "Microsoft.EntityFrameworkCore.ChangeTracking.ValueComparer", "GenericSnapshotMethodMap"),
        new("Microsoft.EntityFrameworkCore.Relational", "Microsoft.EntityFrameworkCore.Storage.RelationalTypeMapping", "GetXMethods"),
        new("Microsoft.EntityFrameworkCore.Relational", "Microsoft.EntityFrameworkCore.Query.Internal.ReaderColumn", "Constructors"),
        new("Microsoft.AspNetCore.Http.Extensions", BindingMethods, "Instance"),
        new("Microsoft.AspNetCore.Http.Extensions", BindingMethods, "NonThrowingInstance"),
        new("Microsoft.AspNetCore.Mvc.Abstractions", BindingMethods, "Instance"),
        new("Microsoft.AspNetCore.Mvc.Abstractions", BindingMethods, "NonThrowingInstance"),
        new("Microsoft.AspNetCore.Http.Abstractions", "Microsoft.AspNetCore.Routing.RouteValueDictionary", "_propertyCache"),
        .. Properties("Microsoft.AspNetCore.Http.Abstractions"),
        .. Properties("Microsoft.AspNetCore.Mvc.Core"),
        .. Properties("Microsoft.AspNetCore.Routing"),
        .. Properties("Microsoft.AspNetCore.Routing.Abstractions"),
        new("Microsoft.Extensions.DependencyInjection.Abstractions",
            "Microsoft.Extensions.DependencyInjection.ActivatorUtilities", "s_constructorInfos"),
        new("System.ComponentModel.Annotations",
            "System.ComponentModel.DataAnnotations.AssociatedMetadataTypeTypeDescriptor+TypeDescriptorCache", "s_metadataTypeCache"),
        new("System.ComponentModel.TypeConverter", "System.ComponentModel.TypeDescriptor", "s_defaultProviderInitialized"),
        new("System.ComponentModel.TypeConverter", "System.ComponentModel.TypeDescriptor", "s_providerTable/*/Provider/_typeData"),
        new("System.ComponentModel.TypeConverter", "System.ComponentModel.TypeDescriptor", "s_providerTable/*/Next/Provider/_typeData"),
        new("System.ComponentModel.TypeConverter", "System.ComponentModel.TypeDescriptor", "s_providerTypeTable/*/Provider/_typeData"),
    ];

    static StaticCache[] Properties(string assembly)
        =>
        [
            new(assembly, "Microsoft.Extensions.Internal.PropertyHelper", "PropertiesCache"),
            new(assembly, "Microsoft.Extensions.Internal.PropertyHelper", "VisiblePropertiesCache"),
        ];

    /// <summary>Removes the entries that belong to collectible types. Does nothing where this version of the assembly differs.</summary>
    internal void Scrub()
    {
        var assembly = AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => !a.IsCollectible && a.GetName().Name == Assembly);
        if (assembly?.GetType(Type) is not { } type)
            return;

        var steps = Path.Split('/');
        IEnumerable<object?> found = [type.GetField(steps[0], Any)?.GetValue(null)];
        foreach (var step in steps[1..])
            found = found.SelectMany(from => Follow(from, step));
        foreach (var cache in found.OfType<object>().ToArray())
            ScrubOne(cache);
    }

    static IEnumerable<object?> Follow(object? from, string step) => (from, step) switch
    {
        (null, _) => [],
        (IDictionary entries, "*") => entries.Values.Cast<object?>(),
        _ => [FieldOf(from.GetType(), step)?.GetValue(from)],
    };

    static FieldInfo? FieldOf(Type? type, string name)
        => type is null ? null : type.GetField(name, Any) ?? FieldOf(type.BaseType, name);

    static void ScrubOne(object cache)
    {
        if (cache is IDictionary entries)
            Scrub(entries);
        else
            ScrubFieldsOf(cache);
    }

    /// <summary>Removes the entries that belong to collectible types from the dictionaries that an object holds.</summary>
    internal static void ScrubFieldsOf(object cache)
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

    internal static bool IsCollectible(object key) => key switch
    {
        Type type => type.IsCollectible,
        MemberInfo member => member.Module.Assembly.IsCollectible,
        ParameterInfo parameter => parameter.Member.Module.Assembly.IsCollectible,
        _ => key.GetType().IsCollectible,
    };
}
