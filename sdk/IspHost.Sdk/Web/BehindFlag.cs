using Microsoft.AspNetCore.Builder;

namespace IspHost.Sdk.Web;

/// <summary>Stands on an endpoint that is there only while a feature flag is on for the tenant of the request.</summary>
/// <param name="Flag">The flag's name.</param>
public sealed record BehindFlag(string Flag);

/// <summary>Endpoints that are rolled out by flag.</summary>
public static class FlaggedEndpoints
{
    /// <summary>Hides endpoints while a flag is off for the tenant of the request: they answer 404, as if they were not there.</summary>
    /// <remarks>
    /// The flag is asked about the tenant alone: an endpoint that a customer uses asks <c>IFlags</c> itself. Several flags must all be on.
    /// </remarks>
    /// <param name="endpoints">A group, or one of them.</param>
    /// <param name="flag">The flag's name. While there is no such flag, the endpoints are hidden from everybody.</param>
    public static TBuilder BehindFlag<TBuilder>(this TBuilder endpoints, string flag) where TBuilder : IEndpointConventionBuilder
        => endpoints.WithMetadata(new BehindFlag(flag));
}
