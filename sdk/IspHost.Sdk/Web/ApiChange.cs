using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using NodaTime;

namespace IspHost.Sdk.Web;

/// <summary>How the JSON of a type has changed with a version of the API.</summary>
/// <remarks>
/// Code knows the newest form alone. Wherever the type stands in a body, the host makes the newest form of requests that were written for
/// an older version, before they are checked, and the older form of answers. Whoever changes a form adds one of these beside the type,
/// with a test of both directions. Register it with <see cref="ApiChanges.ChangesApi"/>, or in the container of the host.
/// </remarks>
/// <param name="since">The version that has the newer form: one of <see cref="ApiVersions.All"/>.</param>
/// <param name="type">The type whose JSON is another.</param>
/// <param name="description">What changed, in a sentence: it stands in the list of changes that integrators read.</param>
public abstract class ApiChange(LocalDate since, Type type, string description)
{
    /// <summary>The version that has the newer form.</summary>
    public LocalDate Since { get; } = since;

    /// <summary>The type whose JSON is another.</summary>
    public Type Type { get; } = type;

    /// <summary>What changed, in a sentence.</summary>
    public string Description { get; } = description;

    /// <summary>The fields that came with the version: a request for an older one must not have them.</summary>
    public virtual IReadOnlyCollection<string> Added => [];

    /// <summary>Makes the newer form of what a request for an older version brings.</summary>
    /// <param name="body">The JSON of the type. Its fields may be wrong or missing: they are looked at afterwards.</param>
    /// <param name="isPatch">Whether fields are left out that stay as they are, and null sets back (RFC 7396).</param>
    public abstract void Upgrade(JsonObject body, bool isPatch);

    /// <summary>Makes the older form of what an answer has.</summary>
    /// <param name="body">The JSON of the type, as it is.</param>
    public abstract void Downgrade(JsonObject body);

    /// <summary>Makes the older form of the schema.</summary>
    /// <param name="schema">The JSON Schema of the type: its <c>properties</c>, and which of them are <c>required</c>.</param>
    public abstract void Describe(JsonObject schema);

    /// <summary>How a field was called in the older form, for refusals.</summary>
    /// <param name="field">Its name now.</param>
    public virtual string NameBefore(string field) => field;
}

/// <summary>A field got another name.</summary>
/// <param name="since">The version that has the new name.</param>
/// <param name="type">The type with the field.</param>
/// <param name="before">The old name, in JSON.</param>
/// <param name="now">The new name, in JSON.</param>
/// <param name="description">What changed, in a sentence.</param>
public sealed class FieldRenamed(LocalDate since, Type type, string before, string now, string description)
    : ApiChange(since, type, description)
{
    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Added => [now];

    /// <inheritdoc/>
    public override void Upgrade(JsonObject body, bool isPatch) => Rename(body, before, now);

    /// <inheritdoc/>
    public override void Downgrade(JsonObject body) => Rename(body, now, before);

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        if (schema["properties"] is JsonObject properties)
            Rename(properties, now, before);
        if (schema["required"] is JsonArray required && required.FirstOrDefault(name => (string?)name == now) is { } named)
            required[required.IndexOf(named)] = before;
    }

    /// <inheritdoc/>
    public override string NameBefore(string field) => field == now ? before : field;

    /// <summary>The field keeps its place.</summary>
    static void Rename(JsonObject body, string from, string to)
    {
        if (body.IndexOf(from) is >= 0 and var place && body[from] is var value)
        {
            body.RemoveAt(place);
            body.Insert(place, to, value);
        }
    }
}

/// <summary>Stands on an endpoint that ends with a version of the API.</summary>
/// <param name="Version">The first version without it.</param>
/// <param name="Successor">The name of the endpoint that is to be called instead.</param>
public sealed record EndsWithVersion(LocalDate Version, string Successor);

/// <summary>Changes of the API from one version to the next.</summary>
public static class ApiChanges
{
    /// <summary>Adds a change of the plugin's JSON.</summary>
    /// <param name="plugin">The plugin.</param>
    /// <param name="change">What changed.</param>
    public static IPluginBuilder ChangesApi(this IPluginBuilder plugin, ApiChange change)
    {
        plugin.Services.Add(new(typeof(ApiChange), change));
        return plugin;
    }

    /// <summary>Has an endpoint end with a version: those who ask for that one, or a newer one, do not find it.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="version">The first version without it.</param>
    /// <param name="successor">The name of the endpoint that is to be called instead.</param>
    public static TBuilder EndsWith<TBuilder>(this TBuilder endpoint, LocalDate version, string successor)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(builder => builder.Metadata.Add(new EndsWithVersion(version, successor)));
        return endpoint;
    }
}
