using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using IspHost.Core.Web.Contract;
using IspHost.Core.Web.Versions;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace IspHost.Core.Web.Document;

/// <summary>
/// The OpenAPI document, in parts: the host's, and one for each plugin, made in the plugin's own container while it is loaded. A part is
/// text, so that whoever keeps it keeps nothing of the plugin.
/// </summary>
static class ApiDocument
{
    public const string Name = "v1";

    /// <summary>Adds what makes a part.</summary>
    /// <param name="services">Of the host, or of a plugin.</param>
    /// <param name="prefix">What goes before the names of the schemas of this assembly: two plugins may call things alike.</param>
    public static IServiceCollection AddDocument(this IServiceCollection services, string prefix = "")
        => services.AddRouting().AddOpenApi(Name, options =>
        {
            var docs = new XmlDocs();
            var (schemas, operations) = (new Schemas(docs), new Operations(docs, prefix));
            var named = new ConcurrentDictionary<string, Type>();
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.CreateSchemaReferenceId = type => NameOf(type, prefix) is { } name ? Unique(name, type.Type, named) : null;
            options.AddSchemaTransformer(schemas.WriteAsync);
            options.AddOperationTransformer(operations.WriteAsync);
        });

    /// <summary>Makes the part of a container.</summary>
    /// <param name="services">The container.</param>
    /// <param name="prefix">As it was added with.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="InvalidOperationException">An endpoint lacks what every endpoint must have.</exception>
    public static async Task<byte[]> MakeAsync(IServiceProvider services, string prefix, CancellationToken stop)
    {
        Check(services);
        var provider = services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name);
        var document = await provider.GetOpenApiDocumentAsync(stop);
        using var stream = new MemoryStream();
        await document.SerializeAsJsonAsync(stream, OpenApiSpecVersion.OpenApi3_1, stop);
        var part = JsonNode.Parse(stream.ToArray())!.AsObject();
        var json = services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        OlderForms.Add(part, [.. services.GetServices<ApiChange>()], type => NameOf(json.GetTypeInfo(type), prefix)!);
        return JsonSerializer.SerializeToUtf8Bytes(part, JsonNodes.Default.JsonNode);
    }

    /// <summary>Makes sure that the endpoints of a container say what every endpoint must.</summary>
    /// <exception cref="InvalidOperationException">One does not; the message names all that is missing.</exception>
    public static void Check(IServiceProvider services)
    {
        var broken = services.GetRequiredService<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items
            .SelectMany(group => group.Items).SelectMany(EndpointRules.BrokenBy).ToList();
        if (broken.Count > 0)
            throw new InvalidOperationException($"{string.Join("; ", broken)}.");
    }

    /// <summary>The framework takes types of one name for one type, and describes whichever of them it met last.</summary>
    static string Unique(string name, Type type, ConcurrentDictionary<string, Type> named)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return named.GetOrAdd(name, type) is var first && first != type
            ? throw new InvalidOperationException($"{first} and {type} would both be '{name}' in the API's document: rename one of them.")
            : name;
    }

    /// <summary>Values have no name, nor has what may be anything; a page is named after what is on it.</summary>
    static string? NameOf(JsonTypeInfo type, string prefix)
    {
        if (ValueKind.Of(type.Type) is not null || type.Type == typeof(JsonDocument))
            return null;
        if (type.Type.IsGenericType && type.Type.GetGenericTypeDefinition() == typeof(Page<>))
            return $"{NameOf(type.Options.GetTypeInfo(type.Type.GetGenericArguments()[0]), prefix)}Page";
        if (OpenApiOptions.CreateDefaultSchemaReferenceId(type) is not { } name)
            return null;
        name = name.EndsWith("View", StringComparison.Ordinal) ? name[..^4] : name;
        return type.Type.IsCollectible && !name.StartsWith(prefix, StringComparison.Ordinal) ? prefix + name : name;
    }
}
