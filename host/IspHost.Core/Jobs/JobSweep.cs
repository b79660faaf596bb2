using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Jobs;

/// <summary>Wakes the runs that go on, so that those of a node that died find a new one.</summary>
sealed class JobSweep(TenantSql sql, JobRuns runs, JobOptions options, TimeProvider time, ILogger<JobSweep> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => new Sweep("runs of jobs", options.SweepEvery, time, log).RunAsync(PassAsync, stoppingToken);

    async Task PassAsync(CancellationToken stop)
    {
        foreach (var tenant in await sql.TenantsAsync("select host.tenants_with_jobs()", stop))
            await runs.WakeAsync(tenant, stop);
    }
}
