using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace IspHost.Sdk.Web;

/// <summary>The header <c>If-Match</c> of a request that changes something: the change is made only to what the caller has seen.</summary>
/// <remarks>
/// A parameter of endpoints with PUT, PATCH or DELETE (RFC 9110 section 13.1.1). The tag of a thing is made from its JSON, as GET shows
/// it. Who sends none changes or makes whatever is there; who sends <c>*</c> changes
/// what is there, and makes nothing.
/// </remarks>
public sealed class IfMatch : IBindableFromHttpContext<IfMatch>, IEndpointParameterMetadataProvider
{
    readonly IReadOnlyList<EntityTagHeaderValue> tags;
    readonly JsonSerializerOptions json;

    IfMatch(IReadOnlyList<EntityTagHeaderValue> tags, JsonSerializerOptions json) => (this.tags, this.json) = (tags, json);

    /// <summary>Whether the caller has sent one: without, there is no need to read what it could miss.</summary>
    public bool IsGiven => tags.Count > 0;

    /// <summary>Whether the caller has seen something else.</summary>
    /// <param name="current">The thing as GET shows it before the change: the very type that GET returns. Null if it is not there.</param>
    public bool IsMissedBy<T>(T current)
    {
        if (tags.Count == 0)
            return false;
        if (current is null)
            return true;
        var tag = TagOf(JsonSerializer.SerializeToUtf8Bytes(current, json.GetTypeInfo(typeof(T))));
        return !tags.Any(seen => seen.Equals(EntityTagHeaderValue.Any) || seen.Compare(tag, useStrongComparison: true));
    }

    /// <summary>The tag of what is shown.</summary>
    /// <param name="shown">The body of the answer.</param>
    public static EntityTagHeaderValue TagOf(ReadOnlySpan<byte> shown)
        => new($"\"{Convert.ToHexStringLower(SHA256.HashData(shown).AsSpan(0, 12))}\"");

    /// <inheritdoc/>
    public static ValueTask<IfMatch?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var header = context.Request.Headers.IfMatch;
        var tags = header.Count == 0 ? []
            : EntityTagHeaderValue.TryParseList(header, out var parsed) ? parsed
            : [new EntityTagHeaderValue("\"unreadable\"")];
        return ValueTask.FromResult<IfMatch?>(new IfMatch([.. tags], options));
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new ChecksIfMatch());
}

/// <summary>Stands on an endpoint that looks at <c>If-Match</c>.</summary>
public sealed record ChecksIfMatch;
