using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace IspHost.PluginRuntime;

/// <summary>What routing goes by: two endpoints of one shape make every request for them ambiguous.</summary>
/// <param name="Path">Its segments; of a parameter only where it stands and what it must look like.</param>
/// <param name="Methods">None for all.</param>
/// <param name="Text">The pattern as it was written.</param>
sealed record RouteShape(string Path, IReadOnlyList<string> Methods, string Text)
{
    public static RouteShape Of(RouteEndpoint endpoint) => new(
        $"{endpoint.Order} {string.Join('/', endpoint.RoutePattern.PathSegments.Select(ShapeOf)).ToUpperInvariant()}",
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [],
        endpoint.RoutePattern.RawText ?? "/");

    public bool MeetsMethodsOf(RouteShape other)
        => Methods.Count == 0 || other.Methods.Count == 0 || Methods.Intersect(other.Methods, StringComparer.OrdinalIgnoreCase).Any();

    public override string ToString() => $"{(Methods.Count == 0 ? "*" : string.Join(',', Methods))} {Text}";

    static string ShapeOf(RoutePatternPathSegment segment) => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart parameter
            => $"{{{(parameter.IsCatchAll ? "*" : "")}{string.Join(':', parameter.ParameterPolicies.Select(policy => policy.Content))}}}",
        _ => "",
    }));
}
