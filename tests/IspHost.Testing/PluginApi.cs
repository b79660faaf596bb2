using IspHost.Core.Web;
using IspHost.Core.Web.Contract;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IspHost.Testing;

/// <summary>The contract of the API, as the host puts it around a plugin's endpoints.</summary>
public static class PluginApi
{
    /// <summary>Adds the JSON of the API, and what the plugin says of its own types.</summary>
    public static IServiceCollection AddPluginApi(this IServiceCollection services, IServiceCollection plugins)
    {
        services.AddApiJson();
        foreach (var configured in plugins.Where(service => service.ServiceType == typeof(IConfigureOptions<JsonOptions>)))
            services.Add(configured);
        return services;
    }

    /// <summary>Requests to what is mapped below are checked.</summary>
    public static RouteGroupBuilder MapPluginApi(this IEndpointRouteBuilder routes) => routes.MapGroup("/api/v1").ChecksRequests();
}
