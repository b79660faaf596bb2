using System.Diagnostics.Metrics;
using IspHost.Sdk.Datagrams;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace IspHost.PluginRuntime;

/// <summary>Adds the runtime to a host.</summary>
public static class PluginRuntimeSetup
{
    /// <summary>Registers <see cref="PluginHost"/>, <see cref="IExtensions"/> and <see cref="IReplyCache"/>.</summary>
    public static IServiceCollection AddPluginRuntime(
        this IServiceCollection services, Action<PluginRuntimeOptions, IServiceProvider> configure)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton(provider => MakeHost(provider, configure));
        services.AddSingleton(provider => provider.GetRequiredService<PluginHost>().Extensions);
        services.AddSingleton<IReplyCache>(provider => provider.GetRequiredService<PluginHost>().Replies);
        return services;
    }

    /// <summary>Routes requests to the endpoints of plugins: those loaded now and those loaded later.</summary>
    public static IEndpointRouteBuilder MapPlugins(this IEndpointRouteBuilder host)
    {
        var plugins = host.ServiceProvider.GetRequiredService<PluginHost>();
        host.DataSources.Add(plugins.Endpoints);
        plugins.Spare(host.DataSources);
        return host;
    }

    static PluginHost MakeHost(IServiceProvider provider, Action<PluginRuntimeOptions, IServiceProvider> configure)
    {
        var options = new PluginRuntimeOptions();
        configure(options, provider);
        var host = new PluginHost(options, provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<TimeProvider>());
        RuntimeMetrics.Observe(host, provider.GetRequiredService<IMeterFactory>());
        options.ScrubCaches = host.RefreshEndpoints;
        return host;
    }
}
