using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IspHost.Core.Health;

/// <summary>Whether the node takes part in the cluster.</summary>
sealed class ClusterHealth(ISiloStatusOracle silos) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        => Task.FromResult(silos.CurrentStatus is SiloStatus.Active
            ? HealthCheckResult.Healthy("has joined")
            : HealthCheckResult.Unhealthy($"has not joined: {silos.CurrentStatus}"));
}
