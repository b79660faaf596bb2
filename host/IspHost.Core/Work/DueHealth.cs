using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IspHost.Core.Work;

/// <summary>Whether something was given up, or waits for a node that never comes.</summary>
sealed class DueHealth(Backlog backlog) : IHealthCheck
{
    static readonly TimeSpan LongWait = TimeSpan.FromMinutes(15);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        var lanes = await backlog.ReadAsync(cancellationToken);
        var troubles = lanes.SelectMany(TroublesOf).ToList();
        return troubles.Count == 0
            ? HealthCheckResult.Healthy("nothing was given up or waits for long")
            : HealthCheckResult.Degraded(string.Join("; ", troubles));
    }

    static IEnumerable<string> TroublesOf(LaneBacklog lane)
    {
        if (lane.GivenUp > 0)
            yield return $"{lane.GivenUp} deliveries to {lane.Plugin} ({lane.Name}) were given up";
        if (lane.OldestSeconds > LongWait.TotalSeconds)
            yield return $"{lane.Ready} wait for {lane.Kind} {lane.Name} of {lane.Plugin}, one for {(int)lane.OldestSeconds / 60} min";
    }
}
