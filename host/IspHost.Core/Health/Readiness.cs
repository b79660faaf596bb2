using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Health;

/// <summary>How the node is, looked at once a second at most, however many ask.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits on synchronously has nothing to dispose.")]
public sealed partial class Readiness(HealthCheckService checks, TimeProvider time, ILogger<Readiness> log)
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    readonly SemaphoreSlim looking = new(1, 1);
    HealthReport? last;
    long lookedAt;

    /// <summary>The last look, or a new one if that is a second old.</summary>
    public async Task<HealthReport> ReadAsync(CancellationToken cancellationToken)
    {
        await looking.WaitAsync(cancellationToken);
        try
        {
            if (last is not null && time.GetElapsedTime(lookedAt) < Fresh)
                return last;
            var report = await checks.CheckHealthAsync(CancellationToken.None);
            Tell(report);
            (last, lookedAt) = (report, time.GetTimestamp());
            return report;
        }
        finally
        {
            looking.Release();
        }
    }

    /// <summary>A line when a check changes, and none while it stays as it is.</summary>
    void Tell(HealthReport report)
    {
        foreach (var (name, entry) in report.Entries)
        {
            var before = last is not null && last.Entries.TryGetValue(name, out var known) ? known.Status : HealthStatus.Healthy;
            if (entry.Status == before)
                continue;
            if (entry.Status is HealthStatus.Healthy)
                Recovered(log, name);
            else
                Changed(log, entry.Exception, name, entry.Status, entry.Description);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Health: {Check} is {Status}: {Detail}")]
    static partial void Changed(ILogger log, Exception? cause, string check, HealthStatus status, string? detail);

    [LoggerMessage(LogLevel.Information, "Health: {Check} is well again")]
    static partial void Recovered(ILogger log, string check);
}
