using Microsoft.AspNetCore.Builder;

namespace IspHost.Sdk.Web;

/// <summary>A kind of refusal, by a name that stays while texts change. Its page is at <c>/problems/NAME</c>.</summary>
/// <param name="Name">Lower-case words with hyphens, such as <c>prefix-overlaps</c>: the end of <c>type</c> in the answer.</param>
/// <param name="Status">The status of the answer: 400 to 599.</param>
/// <param name="Title">What it is, in a few words, the same each time.</param>
/// <param name="Meaning">For the page: when it comes, and what the caller can do.</param>
public sealed record ProblemType(string Name, int Status, string Title, string Meaning)
{
    /// <summary>The <c>type</c> of the answer.</summary>
    public string Address => $"/problems/{Name}";
}

/// <summary>Stands on an endpoint: the kinds of refusal that are its own, beside those that every endpoint has.</summary>
/// <param name="Types">Each is shown in the OpenAPI document and has a page.</param>
public sealed record ProblemTypes(IReadOnlyList<ProblemType> Types);

/// <summary>Says how an endpoint refuses.</summary>
public static class ProblemTypesOfEndpoints
{
    /// <summary>Names the kinds of refusal that an endpoint answers with.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params ProblemType[] types) where TBuilder : IEndpointConventionBuilder
        => endpoint.WithMetadata(new ProblemTypes(types));
}
