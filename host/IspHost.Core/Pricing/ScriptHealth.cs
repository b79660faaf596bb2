using IspHost.Scripting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IspHost.Core.Pricing;

/// <summary>Whether this node runs price scripts, and what holds them.</summary>
sealed class ScriptHealth(PriceScripts scripts) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        => Task.FromResult(scripts.Trouble is { } trouble
            ? HealthCheckResult.Degraded(trouble)
            : HealthCheckResult.Healthy($"served behind {string.Join(", ", scripts.Layers)}"));
}
