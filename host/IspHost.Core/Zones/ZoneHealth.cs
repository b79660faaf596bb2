using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Zones;

/// <summary>Whether all know the same time in the zones of tenants. It is looked into a few times a day.</summary>
sealed class ZoneHealth(ZoneRules rules, ZoneComparison comparison, IClock clock, ILogger<ZoneHealth> log) : IHealthCheck
{
    static readonly Duration Lasts = Duration.FromHours(6);

    (Instant At, IReadOnlyList<ZoneDifference> Differences)? last;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            if (last is not { } known || clock.GetCurrentInstant() - known.At >= Lasts)
                last = known = (clock.GetCurrentInstant(), await comparison.CompareAsync(cancellationToken));
            return known.Differences.Count > 0
                ? HealthCheckResult.Degraded($"Rules are {rules.Version}. {string.Join("; ", known.Differences)}")
                : HealthCheckResult.Healthy($"Rules are {rules.Version}.");
        }
        catch (NpgsqlException away)
        {
            // That the database is away is another check's to say.
            log.LogDebug(away, "Time zones could not be compared.");
            return HealthCheckResult.Healthy($"Rules are {rules.Version}; the database could not be asked.");
        }
    }
}
