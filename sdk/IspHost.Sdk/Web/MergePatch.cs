using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IspHost.Sdk.Web;

/// <summary>A change to what is there: fields that are given replace, null removes, all others stay as they are (RFC 7396).</summary>
/// <remarks>
/// The body parameter of endpoints with PATCH. The fields that are given have been checked against the rules of
/// <typeparamref name="T"/> before the endpoint is called, so what comes out keeps them if what went in does.
/// </remarks>
/// <typeparam name="T">What PUT would take.</typeparam>
public sealed class MergePatch<T> : IBindableFromHttpContext<MergePatch<T>>, IEndpointParameterMetadataProvider
{
    readonly JsonObject changes;
    readonly JsonTypeInfo type;

    MergePatch(JsonObject changes, JsonTypeInfo type) => (this.changes, this.type) = (changes, type);

    /// <summary>Whether a field is given, be it with null.</summary>
    /// <param name="field">Its name in JSON.</param>
    public bool Gives(string field) => changes.ContainsKey(field);

    /// <summary>What is there, changed.</summary>
    /// <param name="current">As PUT would have been given it.</param>
    /// <exception cref="BadHttpRequestException">A part that is not there yet lacks a field: the host answers 400.</exception>
    public T ApplyTo(T current)
    {
        var merged = JsonSerializer.SerializeToNode(current, type)!.AsObject();
        Merge(merged, changes);
        try
        {
            return (T)merged.Deserialize(type)!;
        }
        catch (JsonException fault)
        {
            throw new BadHttpRequestException("A part that is not there yet must be given whole.", StatusCodes.Status400BadRequest, fault);
        }
    }

#pragma warning disable CA1000 // ASP.NET Core binds parameters of a type by static members of it.
    /// <inheritdoc/>
    public static async ValueTask<MergePatch<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        return new MergePatch<T>(body!.AsObject(), options.GetTypeInfo(typeof(T)));
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
        => builder.Metadata.Add(new PatchOf(typeof(T)));
#pragma warning restore CA1000

    static JsonObject InnerOf(JsonObject target, string name)
    {
        if (target[name] is JsonObject there)
            return there;
        var made = new JsonObject();
        target[name] = made;
        return made;
    }

    static void Merge(JsonObject target, JsonObject changes)
    {
        foreach (var (name, change) in changes)
        {
            if (change is null)
                target.Remove(name);
            else if (change is JsonObject inner)
                Merge(InnerOf(target, name), inner);
            else
                target[name] = change.DeepClone();
        }
    }
}

/// <summary>Stands on an endpoint whose body is a <see cref="MergePatch{T}"/>.</summary>
/// <param name="Type">What it changes.</param>
public sealed record PatchOf(Type Type) : IAcceptsMetadata
{
    /// <summary>What it is sent as: that of RFC 7396, or just as JSON.</summary>
    public IReadOnlyList<string> ContentTypes { get; } = ["application/merge-patch+json", "application/json"];

    /// <inheritdoc/>
    public Type RequestType => Type;

    /// <inheritdoc/>
    public bool IsOptional => false;
}
