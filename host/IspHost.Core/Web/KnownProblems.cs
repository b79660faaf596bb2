using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Core.Web;

/// <summary>The kinds of refusal that the API answers with at present: those of all endpoints, and those of single ones.</summary>
public sealed class KnownProblems(EndpointDataSource endpoints)
{
    /// <summary>By status and name.</summary>
    public IReadOnlyList<ProblemType> All
        => [.. endpoints.Endpoints.SelectMany(endpoint => endpoint.Metadata.GetOrderedMetadata<ProblemTypes>())
            .SelectMany(own => own.Types).Concat(Refusals.All).DistinctBy(type => type.Name)
            .OrderBy(type => type.Status).ThenBy(type => type.Name, StringComparer.Ordinal)];
}
