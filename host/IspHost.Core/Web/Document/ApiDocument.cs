using System.Text.Json;
using System.Text.Json.Nodes;
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
            var names = new SchemaNames(prefix);
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.CreateSchemaReferenceId = names.NameOf;
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
        var names = Check(services, prefix);
        var provider = services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name);
        var document = await provider.GetOpenApiDocumentAsync(stop);
        using var stream = new MemoryStream();
        await document.SerializeAsJsonAsync(stream, OpenApiSpecVersion.OpenApi3_1, stop);
        var part = JsonNode.Parse(stream.ToArray())!.AsObject();
        OlderForms.Add(part, [.. services.GetServices<ApiChange>()], type => names.NameOf(JsonOf(services).GetTypeInfo(type))!);
        return JsonSerializer.SerializeToUtf8Bytes(part, JsonNodes.Default.JsonNode);
    }

    /// <summary>Makes sure that the endpoints of a container say what every endpoint must, each with types of its own names.</summary>
    /// <returns>The names.</returns>
    /// <exception cref="InvalidOperationException">One does not; the message names all that is missing.</exception>
    public static SchemaNames Check(IServiceProvider services, string prefix)
    {
        var endpoints = services.GetRequiredService<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items
            .SelectMany(group => group.Items).ToList();
        var broken = endpoints.SelectMany(EndpointRules.BrokenBy).ToList();
        if (broken.Count > 0)
            throw new InvalidOperationException($"{string.Join("; ", broken)}.");
        var names = new SchemaNames(prefix);
        names.Check(endpoints, JsonOf(services));
        return names;
    }

    static JsonSerializerOptions JsonOf(IServiceProvider services)
        => services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
}
