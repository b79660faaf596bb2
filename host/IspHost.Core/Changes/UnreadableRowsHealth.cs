using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IspHost.Core.Changes;

/// <summary>Rows that memory could not take in.</summary>
sealed class UnreadableRowsHealth(UnreadableRows rows) : IHealthCheck
{
    const int MostNamed = 5;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        var named = rows.All.Take(MostNamed).Select(row => $"{row.Subject} {row.Id}: {row.Why}");
        return Task.FromResult(rows.Count == 0
            ? HealthCheckResult.Healthy("all rows can be read")
            : HealthCheckResult.Degraded($"{rows.Count} rows cannot be read and are left out: {string.Join("; ", named)}"));
    }
}
