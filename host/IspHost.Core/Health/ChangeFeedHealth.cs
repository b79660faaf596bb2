using IspHost.Core.Changes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IspHost.Core.Health;

/// <summary>Whether memory follows the database.</summary>
sealed class ChangeFeedHealth(ChangeFeed feed) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        => Task.FromResult(feed.IsListening
            ? HealthCheckResult.Healthy($"listens; {feed.Waiting} changed rows wait to be read")
            : HealthCheckResult.Unhealthy("has lost its connection: what is in memory may be old"));
}
