using IspHost.Core.Database;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace IspHost.Core.Health;

/// <summary>Whether the database answers, and has all scripts of this version.</summary>
/// <remarks>
/// It has a connection of its own: a pool that is busy is no reason to take a node out of service, for its load would fall on the others.
/// </remarks>
sealed class DatabaseHealth(HostConnections connections) : IHealthCheck, IAsyncDisposable
{
    const int PatienceSeconds = 2;

    readonly NpgsqlDataSource source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connections.ConnectionString)
    {
        ApplicationName = "isphost health",
        MinPoolSize = 0,
        MaxPoolSize = 1,
        Timeout = PatienceSeconds,
        CommandTimeout = PatienceSeconds,
    });

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        try
        {
            var missing = await Migrator.MissingAsync(source, HostSchema.Platform, cancellationToken);
            return missing.Count == 0
                ? HealthCheckResult.Healthy("answers")
                : HealthCheckResult.Unhealthy($"lacks {missing[0]}: run 'migrate' with the owner's connection string");
        }
        catch (Exception cause) when (cause is NpgsqlException or TimeoutException or IOException)
        {
            return HealthCheckResult.Unhealthy("does not answer", cause);
        }
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
