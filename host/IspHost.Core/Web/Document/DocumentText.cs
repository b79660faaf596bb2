using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using IspHost.PluginRuntime;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using NodaTime;

namespace IspHost.Core.Web.Document;

/// <summary>The documents as they are sent: put together once for all who ask, and again after plugins have come or gone.</summary>
public sealed class DocumentText : IDisposable
{
    readonly IServiceProvider services;
    readonly PluginHost plugins;
    readonly IDisposable changes;
    volatile Lazy<Task<Documents>> whole;
    volatile byte[]? host;

    /// <summary>Follows the endpoints.</summary>
    public DocumentText(IServiceProvider services, PluginHost plugins, EndpointDataSource endpoints)
    {
        (this.services, this.plugins) = (services, plugins);
        whole = new Lazy<Task<Documents>>(MergeAsync);
        changes = ChangeToken.OnChange(endpoints.GetChangeToken, () => whole = new Lazy<Task<Documents>>(MergeAsync));
    }

    /// <summary>The document of a version of the API.</summary>
    internal async Task<SentText> ReadAsync(LocalDate version, CancellationToken stop) => (await ReadAsync(stop)).ByVersion[version];

    /// <summary>What has changed between the versions, the newest first.</summary>
    public async Task<IReadOnlyList<(LocalDate Since, string Description)>> ChangesAsync(CancellationToken stop)
        => (await ReadAsync(stop)).Changes;

    /// <inheritdoc/>
    public void Dispose() => changes.Dispose();

    async Task<Documents> ReadAsync(CancellationToken stop)
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
                Interlocked.CompareExchange(ref whole!, new Lazy<Task<Documents>>(MergeAsync), current);
        }
    }

    async Task<Documents> MergeAsync()
    {
        host ??= await ApiDocument.MakeAsync(services, "", CancellationToken.None);
        var all = JsonNode.Parse(host)!.AsObject();
        foreach (var (_, part) in (await plugins.DescribeAsync(CancellationToken.None)).OrderBy(part => part.Key, StringComparer.Ordinal))
            DocumentParts.Add(all, JsonNode.Parse(part)!.AsObject());
        return new(ApiVersions.All.ToDictionary(version => version, version => Of(all, version)), OlderForms.ChangesIn(all));
    }

    static SentText Of(JsonObject all, LocalDate version)
    {
        var document = all.DeepClone().AsObject();
        OlderForms.Take(document, version);
        DocumentParts.Complete(document, version);
        return SentText.Of(Encoding.UTF8.GetBytes(document.ToJsonString()));
    }

    sealed record Documents(IReadOnlyDictionary<LocalDate, SentText> ByVersion, IReadOnlyList<(LocalDate, string)> Changes);
}

/// <summary>A text that is sent often: what can be worked out of it once has been.</summary>
/// <param name="Plain">As it is, in UTF-8.</param>
/// <param name="Compressed">By Brotli (RFC 7932).</param>
/// <param name="Tag">Of the text, however it is sent.</param>
sealed record SentText(byte[] Plain, byte[] Compressed, EntityTagHeaderValue Tag)
{
    public static SentText Of(byte[] plain)
    {
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.Optimal))
            brotli.Write(plain);
        return new(plain, compressed.ToArray(), new(IfMatch.TagOf(plain).Tag, isWeak: true));
    }
}
