using System.Collections;
using System.Reflection;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.PluginRuntime;

/// <summary>What the OpenAPI documents of the host remember of endpoints that are gone.</summary>
/// <remarks>
/// Found by dumping the roots of contexts that would not die, on ASP.NET Core 10.0: the schema service of a document keeps the name
/// of every type that it has seen, and the document service a description of every operation.
/// </remarks>
static class OpenApiCaches
{
    public static void Scrub(IServiceProvider host)
    {
        foreach (var schemas in ServicesOf(host, "OpenApiSchemaService"))
            StaticCache.ScrubFieldsOf(schemas);
        foreach (var document in ServicesOf(host, "OpenApiDocumentService"))
            RemoveOperationsOfPlugins(document);
    }

    static IEnumerable<object> ServicesOf(IServiceProvider host, string name)
        => Type.GetType($"Microsoft.AspNetCore.OpenApi.{name}, Microsoft.AspNetCore.OpenApi") is { } type
            ? host.GetKeyedServices(type, KeyedService.AnyKey).OfType<object>()
            : [];

    static void RemoveOperationsOfPlugins(object document)
    {
        foreach (var field in document.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
        {
            if (field.GetValue(document) is not IDictionary operations)
                continue;

            foreach (var key in operations.Keys.Cast<object>().Where(key => IsOfPlugin(operations[key])).ToArray())
                operations.Remove(key);
        }
    }

    static bool IsOfPlugin(object? operation)
        => operation?.GetType().GetProperty("Description")?.GetValue(operation) is ApiDescription description
            && description.ActionDescriptor.EndpointMetadata.Any(StaticCache.IsCollectible);
}
