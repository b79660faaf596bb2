using System.Text;
using System.Text.Json.Nodes;
using IspHost.PluginRuntime;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace IspHost.Core.Web.Document;

/// <summary>The document as it is sent: put together once for all who ask, and again after plugins have come or gone.</summary>
sealed class DocumentText : IDisposable
{
    readonly IServiceProvider services;
    readonly PluginHost plugins;
    readonly IDisposable changes;
    volatile Lazy<Task<byte[]>> whole;
    volatile byte[]? host;

    public DocumentText(IServiceProvider services, PluginHost plugins, EndpointDataSource endpoints)
    {
        (this.services, this.plugins) = (services, plugins);
        whole = new Lazy<Task<byte[]>>(MergeAsync);
        changes = ChangeToken.OnChange(endpoints.GetChangeToken, () => whole = new Lazy<Task<byte[]>>(MergeAsync));
    }

    /// <summary>JSON, in UTF-8.</summary>
    public async Task<byte[]> ReadAsync(CancellationToken stop)
    {
        var current = whole;
        try
        {
            return await current.Value.WaitAsync(stop);
        }
        finally
        {
            // Whoever asks next has it made anew, instead of being told for ever what was wrong once.
            if (current.Value.IsFaulted)
                Interlocked.CompareExchange(ref whole!, new Lazy<Task<byte[]>>(MergeAsync), current);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => changes.Dispose();

    async Task<byte[]> MergeAsync()
    {
        host ??= await ApiDocument.MakeAsync(services, CancellationToken.None);
        var document = JsonNode.Parse(host)!.AsObject();
        foreach (var (_, part) in plugins.Descriptions.OrderBy(part => part.Key, StringComparer.Ordinal))
            DocumentParts.Add(document, JsonNode.Parse(part)!.AsObject());
        DocumentParts.Complete(document);
        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }
}
