using Microsoft.Kiota.Abstractions.Serialization;
using Microsoft.Kiota.Http.HttpClientLibrary;
using Microsoft.Kiota.Serialization.Json;

namespace IspHost.Client;

/// <summary>The API of one server, as its document describes it.</summary>
public partial class IspHostClient
{
    /// <summary>The version of the API that this was made from, and that every request asks for.</summary>
    public const string ApiVersion = "2026-11-01";

    /// <summary>A client with one key.</summary>
    /// <param name="address">Where the server is, such as <c>https://isp.example</c>.</param>
    /// <param name="key">The API key, such as <c>isp_acme_...</c>. It is sent to <paramref name="address"/> alone.</param>
    /// <param name="tenant">The code of the tenant: needed with a key of the operator, who acts for many.</param>
    /// <param name="http">
    /// What sends; by default one that lives as long as the client. It should not repeat requests by itself: a POST whose answer got
    /// lost may have done its work, so repeat it with its <c>Idempotency-Key</c>.
    /// </param>
    public static IspHostClient Connect(Uri address, string key, string? tenant = null, HttpClient? http = null)
        => new(new HttpClientRequestAdapter(new KeyHolder(address, key, tenant), Readers, Writers, http ?? new HttpClient())
        {
            BaseUrl = address.GetLeftPart(UriPartial.Authority),
        });

    // The factories by themselves know application/json alone; the registries know what is written like it, such as
    // application/problem+json.
    static ParseNodeFactoryRegistry Readers { get; }
        = new() { ContentTypeAssociatedFactories = { ["application/json"] = new JsonParseNodeFactory() } };

    static SerializationWriterFactoryRegistry Writers { get; }
        = new() { ContentTypeAssociatedFactories = { ["application/json"] = new JsonSerializationWriterFactory(InstantsInUtc.Context) } };
}
