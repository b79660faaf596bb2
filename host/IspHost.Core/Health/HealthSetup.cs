using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IspHost.Core.Health;

/// <summary>How features say how they are: see the README beside this file.</summary>
public static class HealthSetup
{
    /// <summary>Adds what a node cannot serve without.</summary>
    internal static IServiceCollection AddHealth(this IServiceCollection services)
        => services
            .AddSingleton<Readiness>()
            .AddCheck<DatabaseHealth>("database", HealthStatus.Unhealthy)
            .AddCheck<ChangeFeedHealth>("change_feed", HealthStatus.Unhealthy)
            .AddCheck<ClusterHealth>("cluster", HealthStatus.Unhealthy)
            .AddTroubleCheck<PluginHealth>("plugins");

    /// <summary>
    /// Adds a feature's check of what is wrong with it and does not keep the node from serving: bad rows, mail that nobody took.
    /// </summary>
    /// <param name="services">The node's.</param>
    /// <param name="name">In snake case, as it stands in the answer.</param>
    /// <typeparam name="T">
    /// Answers healthy or degraded, with a line for the operator. It may ask the database; what takes longer than 1.5 seconds counts as
    /// degraded.
    /// </typeparam>
    public static IServiceCollection AddTroubleCheck<T>(this IServiceCollection services, string name) where T : class, IHealthCheck
        => services.AddCheck<T>(name, HealthStatus.Degraded);

    static IServiceCollection AddCheck<T>(this IServiceCollection services, string name, HealthStatus whenSilent)
        where T : class, IHealthCheck
    {
        services.TryAddSingleton<T>();
        services.AddSingleton<Prompt<T>>();
        services.AddHealthChecks().AddCheck<Prompt<T>>(name, whenSilent);
        return services;
    }
}
