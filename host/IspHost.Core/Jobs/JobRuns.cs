using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Jobs;

namespace IspHost.Core.Jobs;

/// <summary>Runs of the plugins' jobs.</summary>
public sealed class JobRuns
{
    readonly JobRows rows;
    readonly IGrainFactory grains;
    readonly IPluginWork plugins;

    internal JobRuns(JobRows rows, IGrainFactory grains, IPluginWork plugins)
        => (this.rows, this.grains, this.plugins) = (rows, grains, plugins);

    /// <summary>The host service for one plugin.</summary>
    /// <param name="plugin">The plugin's id.</param>
    public IJobs For(string plugin) => new PluginJobs(plugin, this);

    /// <summary>The tenant's runs, the latest first.</summary>
    public async Task<IReadOnlyList<JobRow>> LatestAsync(TenantId tenant, int count, CancellationToken cancellationToken)
        => await rows.LatestAsync(tenant, count, cancellationToken);

    internal async Task<JobStatus> StartAsync(PluginKey key, string argument, CancellationToken cancellationToken)
    {
        Check(key, argument);
        using var scope = TenantScope.Enter(key.Tenant);
        await rows.AddAsync(key, argument, cancellationToken);
        var row = await rows.FindAsync(key, cancellationToken)
            ?? throw new InvalidOperationException($"Run {key} is gone although nobody deletes runs.");
        if (row.Status.State == JobState.Running)
            await grains.GetGrain<IJobGrain>(key.ToString()).Wake();
        return row.Status;
    }

    internal async Task<JobStatus?> FindAsync(PluginKey key, CancellationToken cancellationToken)
        => (await rows.FindAsync(key, cancellationToken))?.Status;

    internal async Task WakeAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        using var scope = TenantScope.Enter(tenant);
        foreach (var run in await rows.RunningAsync(tenant, cancellationToken))
            await grains.GetGrain<IJobGrain>(run.ToString()).Wake();
    }

    void Check(PluginKey key, string argument)
    {
        if (plugins.FindJob(key.Plugin, key.Name) is null)
            throw new ArgumentException($"Plugin {key.Plugin} has no job '{key.Name}'.");
        if (key.Id.Length is < 1 or > 200)
            throw new ArgumentException("The key of a run has 1 to 200 characters.");
        if (argument.Length > 1000)
            throw new ArgumentException("The argument of a run has at most 1,000 characters.");
    }

    sealed class PluginJobs(string plugin, JobRuns runs) : IJobs
    {
        public Task<JobStatus> StartAsync(string job, JobRun run, CancellationToken cancellationToken)
            => runs.StartAsync(new PluginKey(run.Tenant, plugin, job, run.Key), run.Argument, cancellationToken);

        public Task<JobStatus?> FindAsync(TenantId tenant, string job, string key, CancellationToken cancellationToken)
            => runs.FindAsync(new PluginKey(tenant, plugin, job, key), cancellationToken);
    }
}
