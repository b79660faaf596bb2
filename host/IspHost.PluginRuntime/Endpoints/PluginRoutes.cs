using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace IspHost.PluginRuntime;

/// <summary>An endpoint of a generation: what the host routes to, and what the plugin runs.</summary>
/// <param name="Key">Methods and pattern: finds the same endpoint in another generation.</param>
/// <param name="Endpoint">Goes into the routing table.</param>
/// <param name="Run">Stays in the generation.</param>
/// <param name="Mapped">As the plugin mapped it, with its types: to be described while it is loaded, and not to be kept.</param>
sealed record PluginRoute(string Key, Endpoint Endpoint, RequestDelegate Run, RouteEndpoint Mapped);

/// <summary>Has a plugin map its endpoints, and wraps each so that a request holds a lease.</summary>
static class PluginRoutes
{
    public const string Prefix = "/api/v1";

    public static IReadOnlyList<PluginRoute> Collect(
        IServiceProvider container,
        IReadOnlyList<Action<IEndpointRouteBuilder>> maps,
        Action<RouteGroupBuilder, PluginIdentity>? configure,
        PluginHome home,
        PluginManifest manifest)
    {
        var builder = new PrivateRouteBuilder(container);
        var group = builder.MapGroup(Prefix);
        group.WithTags(manifest.Name);
        configure?.Invoke(group, manifest.Identity);
        foreach (var map in maps)
            map(group);

        var mapped = builder.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();
        PluginRoute[] routes = [.. mapped.Select(endpoint => Wrap(endpoint, home))];
        if (routes.GroupBy(route => route.Key).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidOperationException($"the endpoint {twice.Key} is mapped twice");
        return routes;
    }

    static PluginRoute Wrap(RouteEndpoint mapped, PluginHome home)
    {
        var key = KeyOf(mapped);
        var run = mapped.RequestDelegate ?? throw new InvalidOperationException($"the endpoint {key} has no request delegate");
        var call = new EndpointCall(home, key, mapped);
        var metadata = new EndpointMetadataCollection([.. mapped.Metadata.Where(IsOfHost), new ExcludeFromDescriptionAttribute()]);
        return new(key, new RouteEndpoint(call.InvokeAsync, mapped.RoutePattern, mapped.Order, metadata, mapped.DisplayName), run, mapped);
    }

    /// <summary>What middleware of the host looks at, without anything that knows a type or a method of the plugin.</summary>
    static bool IsOfHost(object metadata)
    {
        if (metadata.GetType().IsCollectible)
            return false;
        return metadata is not (MethodInfo or IParameterBindingMetadata or IAcceptsMetadata or IProducesResponseTypeMetadata);
    }

    static string KeyOf(RouteEndpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"];
        return $"{string.Join(',', methods.Order(StringComparer.Ordinal))} {endpoint.RoutePattern.RawText} {endpoint.Order}";
    }

    sealed class PrivateRouteBuilder(IServiceProvider container) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => container;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(container);
    }
}
