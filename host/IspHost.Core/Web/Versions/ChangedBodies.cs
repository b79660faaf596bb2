using System.Text.Json;
using System.Text.Json.Nodes;
using IspHost.Core.Web.Contract;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;

namespace IspHost.Core.Web.Versions;

/// <summary>Between the newest form of an endpoint's bodies, which its code knows, and those of older versions.</summary>
sealed class ChangedBodies
{
    static readonly JsonDocumentOptions Once = new() { AllowDuplicateProperties = false };

    readonly ChangedPlaces? request;
    readonly ChangedPlaces? answer;

    ChangedBodies(ChangedPlaces? request, ChangedPlaces? answer) => (this.request, this.answer) = (request, answer);

    /// <summary>Of an endpoint.</summary>
    /// <param name="services">Of the host or the plugin that has the endpoint: it knows the JSON and its changes.</param>
    /// <param name="request">The type of its body, if it reads JSON.</param>
    /// <param name="answers">What it may answer with.</param>
    public static ChangedBodies Of(IServiceProvider services, Type? request, IEnumerable<IProducesResponseTypeMetadata> answers)
    {
        var json = services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var changes = services.GetServices<ApiChange>().ToList();
        var shown = answers
            .FirstOrDefault(answer => answer.StatusCode is >= 200 and < 300 && answer.Type is { } type && type != typeof(void))?.Type;
        return new(Of(request), Of(shown));

        ChangedPlaces? Of(Type? type) => type is null || changes.Count == 0 ? null : ChangedPlaces.Of(json.GetTypeInfo(type), changes);
    }

    /// <summary>The version that a request asks for, where what it brings or gets looks otherwise than in the newest.</summary>
    public LocalDate? OlderFormOf(HttpContext http)
        => http.Features.Get<RequestedVersion>() is { IsNewest: false } asked && (request ?? answer) is not null ? asked.Date : null;

    /// <summary>The newest form of a request's body.</summary>
    public byte[] Upgrade(byte[] body, LocalDate version, bool isPatch, Faults faults)
    {
        if (request is null || body.Length == 0)
            return body;
        try
        {
            var node = JsonNode.Parse(body, documentOptions: Once);
            request.Upgrade(node, version, isPatch, faults);
            return JsonSerializer.SerializeToUtf8Bytes(node, JsonNodes.Default.JsonNode);
        }
        catch (JsonException)
        {
            return body; // What is wrong with it is found where all bodies are read.
        }
    }

    /// <summary>The form that an older version has of an answer's body.</summary>
    public byte[] Downgrade(ReadOnlySpan<byte> body, LocalDate version)
    {
        var node = JsonNode.Parse(body);
        answer!.Downgrade(node, version);
        return JsonSerializer.SerializeToUtf8Bytes(node, JsonNodes.Default.JsonNode);
    }

    /// <summary>Has the answer that is being made take the older form: wherever it is sent, and where it is kept to be repeated.</summary>
    public void Follow(HttpContext http, LocalDate version)
    {
        if (answer is null)
            return;
        http.Features.Set(new AnswerForm(this, version));
        var suffix = AnswerForm.SuffixOf(version);
        foreach (var header in (ReadOnlySpan<string>)["If-Match", "If-None-Match"])
        {
            if (http.Request.Headers.TryGetValue(header, out var tags))
                http.Request.Headers[header] = new([.. tags.Select(tag => tag?.Replace(suffix, "\"", StringComparison.Ordinal))]);
        }
    }

    /// <summary>How a version calls the field of a request.</summary>
    public string NameBefore(string path, LocalDate version) => request?.NameBefore(path, version) ?? path;
}

/// <summary>The form that an answer is sent in.</summary>
sealed record AnswerForm(ChangedBodies Bodies, LocalDate Version)
{
    /// <summary>What stands at the end of a tag: a thing has another one in each form (RFC 9110 section 8.8.3).</summary>
    public string Suffix => SuffixOf(Version);

    /// <summary>The answer's body in this form.</summary>
    public byte[] Of(ReadOnlySpan<byte> newest) => Bodies.Downgrade(newest, Version);

    public static string SuffixOf(LocalDate version) => $".{RequestedVersion.TextOf(version)}\"";
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonNode))]
sealed partial class JsonNodes : System.Text.Json.Serialization.JsonSerializerContext;
