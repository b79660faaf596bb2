using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace IspHost.Sdk.Web;

/// <summary>Stands on endpoints: the chapter of the reference in which they are.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Text">What it is about, in a sentence or two.</param>
public sealed record Chapter(string Name, string Text);

/// <summary>Stands on an endpoint whose answer is no JSON.</summary>
/// <param name="ContentType">Such as <c>application/pdf</c>.</param>
public sealed record AnswersWith(string ContentType);

/// <summary>What the OpenAPI document says of an endpoint. A plugin with an endpoint that lacks it is refused.</summary>
public static class DocumentedEndpoints
{
    /// <summary>Puts endpoints into a chapter of the reference.</summary>
    /// <param name="endpoints">A group, or one of them.</param>
    /// <param name="name">Its heading: a noun in the plural, such as <c>Invoices</c>.</param>
    /// <param name="text">What it is about, in a sentence or two. One place says it for all.</param>
    public static TBuilder InChapter<TBuilder>(this TBuilder endpoints, string name, string text)
        where TBuilder : IEndpointConventionBuilder
        => endpoints.WithTags(name).WithMetadata(new Chapter(name, text));

    /// <summary>Describes an endpoint.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">
    /// A verb and a noun in camel case, such as <c>listInvoices</c>: the name of the function in generated clients, unique in the host and
    /// all of its plugins. It stays as long as the endpoint does.
    /// </param>
    /// <param name="summary">Its title in the reference: <c>List invoices</c>.</param>
    /// <param name="description">What the title does not say, in sentences: order, effects, what is left out.</param>
    public static TBuilder Documented<TBuilder>(this TBuilder endpoint, string name, string summary, string description)
        where TBuilder : IEndpointConventionBuilder
        => endpoint.WithName(name).WithSummary(summary).WithDescription(description);
}
