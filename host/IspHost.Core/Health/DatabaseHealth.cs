using IspHost.Core.Database;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace IspHost.Core.Health;

/// <summary>Whether the database answers, and has all scripts of this version.</summary>
sealed class DatabaseHealth(HostConnections connections) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        try
        {
            // A pool that is busy is no reason to take a node out of service, for its load would fall on the others.
            var missing = await Migrator.MissingAsync(connections.Watch, HostSchema.Platform, cancellationToken);
            return missing.Count == 0
                ? HealthCheckResult.Healthy("answers")
                : HealthCheckResult.Unhealthy($"lacks {missing[0].Name}: run 'migrate' with the owner's connection string");
        }
        catch (Exception cause) when (cause is NpgsqlException or TimeoutException or IOException)
        {
            return HealthCheckResult.Unhealthy("does not answer", cause);
        }
    }
}
