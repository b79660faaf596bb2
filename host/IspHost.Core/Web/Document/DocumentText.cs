using System.Text;
using System.Text.Json.Nodes;
using IspHost.PluginRuntime;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace IspHost.Core.Web.Document;

/// <summary>The document as it is sent: put together once for all who ask, and again after plugins have come or gone.</summary>
sealed class DocumentText : IDisposable
{
    readonly Lazy<Task<byte[]>> host;
    readonly PluginHost plugins;
    readonly IDisposable changes;
    volatile Lazy<Task<byte[]>> whole;

    public DocumentText(IServiceProvider services, PluginHost plugins, EndpointDataSource endpoints)
    {
        this.plugins = plugins;
        host = new Lazy<Task<byte[]>>(() => ApiDocument.MakeAsync(services, CancellationToken.None));
        whole = new Lazy<Task<byte[]>>(MergeAsync);
        changes = ChangeToken.OnChange(endpoints.GetChangeToken, () => whole = new Lazy<Task<byte[]>>(MergeAsync));
    }

    /// <summary>JSON, in UTF-8.</summary>
    public Task<byte[]> ReadAsync(CancellationToken stop) => whole.Value.WaitAsync(stop);

    /// <inheritdoc/>
    public void Dispose() => changes.Dispose();

    async Task<byte[]> MergeAsync()
    {
        var document = JsonNode.Parse(await host.Value)!.AsObject();
        foreach (var (_, part) in plugins.Descriptions.OrderBy(part => part.Key, StringComparer.Ordinal))
            DocumentParts.Add(document, JsonNode.Parse(part)!.AsObject());
        DocumentParts.Complete(document);
        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }
}
