using IspHost.PluginRuntime;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IspHost.Core.Health;

/// <summary>Plugins that were refused, keep failing, or have not left memory.</summary>
sealed class PluginHealth(PluginHost plugins) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        var troubles = plugins.Status.SelectMany(TroublesOf).ToList();
        return Task.FromResult(troubles.Count == 0
            ? HealthCheckResult.Healthy("serve")
            : HealthCheckResult.Degraded(string.Join("; ", troubles)));
    }

    static IEnumerable<string> TroublesOf(PluginStatus plugin)
    {
        if (plugin.LastError is not null)
            yield return $"{plugin.Id} was refused at its last load";
        if (plugin.OpenBreakers.Count > 0)
            yield return $"{plugin.Id} gives some tenants no answers: {string.Join(", ", plugin.OpenBreakers.Select(Show))}";
        if (plugin.LeakedContexts > 0)
            yield return $"{plugin.Id} has {plugin.LeakedContexts} old generations in memory";
    }

    static string Show(OpenBreaker breaker) => $"{breaker.Offer} ({breaker.Tenants})";
}
