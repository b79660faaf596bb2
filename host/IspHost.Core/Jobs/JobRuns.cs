using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Jobs;

namespace IspHost.Core.Jobs;

/// <summary>Runs of the plugins' jobs.</summary>
public sealed class JobRuns
{
    readonly JobRows rows;
    readonly IPluginWork plugins;

    internal JobRuns(JobRows rows, IPluginWork plugins) => (this.rows, this.plugins) = (rows, plugins);

    /// <summary>The host service for one plugin.</summary>
    /// <param name="plugin">The plugin's id.</param>
    public IJobs For(string plugin) => new PluginJobs(plugin, this);

    internal async Task<JobStatus> StartAsync(PluginKey key, string argument, CancellationToken cancellationToken)
    {
        Check(key, argument);
        await rows.AddAsync(key, argument, cancellationToken);
        var row = await rows.FindAsync(key, cancellationToken)
            ?? throw new InvalidOperationException($"Run {key} is gone although nobody deletes runs.");
        return row.Status;
    }

    internal async Task<JobStatus?> FindAsync(PluginKey key, CancellationToken cancellationToken)
        => (await rows.FindAsync(key, cancellationToken))?.Status;

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
