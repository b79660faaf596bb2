using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using IspHost.Core.Web.Contract;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;

namespace IspHost.Core.Web.Document;

/// <summary>What the schemas of a part of the document are called. The framework takes types of one name for one type, and describes
/// whichever of them it met last; here they are refused.</summary>
/// <param name="prefix">What goes before the names of the plugin's own.</param>
sealed class SchemaNames(string prefix)
{
    readonly ConcurrentDictionary<string, Type> named = new(StringComparer.Ordinal);

    /// <summary>Values have no name, nor has what may be anything; a page is named after what is on it.</summary>
    /// <exception cref="InvalidOperationException">Another type has it.</exception>
    public string? NameOf(JsonTypeInfo info)
    {
        if (Name(info) is not { } name)
            return null;
        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        return named.GetOrAdd(name, type) is var first && first != type
            ? throw new InvalidOperationException($"{first} and {type} would both be '{name}' in the API's document: rename one of them.")
            : name;
    }

    /// <summary>Makes sure that all types which these endpoints take and give have names of their own.</summary>
    /// <exception cref="InvalidOperationException">Two have one.</exception>
    public void Check(IEnumerable<ApiDescription> endpoints, JsonSerializerOptions json)
    {
        var seen = new HashSet<Type>();
        var left = new Stack<Type>(endpoints.SelectMany(TypesOf));
        while (left.TryPop(out var type))
        {
            if (!seen.Add(type) || !json.TryGetTypeInfo(type, out var info))
                continue;
            NameOf(info);
            foreach (var part in PartsOf(info))
                left.Push(part);
        }
    }

    static IEnumerable<Type> TypesOf(ApiDescription endpoint) =>
    [
        .. endpoint.SupportedResponseTypes.Select(answer => answer.Type).OfType<Type>().Where(type => type != typeof(void)),
        .. endpoint.ParameterDescriptions.Where(parameter => parameter.Source.Id == "Body").Select(parameter => parameter.Type),
        .. endpoint.ActionDescriptor.EndpointMetadata.OfType<PatchOf>().Select(patch => patch.Type),
    ];

    static IEnumerable<Type> PartsOf(JsonTypeInfo info)
    {
        if (ValueKind.Of(info.Type) is not null)
            return [];
        IEnumerable<Type> derived = info.PolymorphismOptions?.DerivedTypes.Select(type => type.DerivedType) ?? [];
        IEnumerable<Type?> inner = [info.ElementType, Nullable.GetUnderlyingType(info.Type)];
        return [.. info.Properties.Select(property => property.PropertyType), .. derived, .. inner.OfType<Type>()];
    }

    string? Name(JsonTypeInfo info)
    {
        if (ValueKind.Of(info.Type) is not null || info.Type == typeof(JsonDocument))
            return null;
        if (info.Type.IsGenericType && info.Type.GetGenericTypeDefinition() == typeof(Page<>))
            return $"{Name(info.Options.GetTypeInfo(info.Type.GetGenericArguments()[0]))}Page";
        if (OpenApiOptions.CreateDefaultSchemaReferenceId(info) is not { } name)
            return null;
        name = name.EndsWith("View", StringComparison.Ordinal) ? name[..^4] : name;
        return info.Type.IsCollectible && !name.StartsWith(prefix, StringComparison.Ordinal) ? prefix + name : name;
    }
}
