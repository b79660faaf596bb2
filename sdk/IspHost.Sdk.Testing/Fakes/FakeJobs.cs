using IspHost.Sdk.Jobs;

namespace IspHost.Sdk.Testing;

/// <summary>Jobs that run in the test, when it says so and in its own order.</summary>
public sealed class FakeJobs : IJobs
{
    readonly Dictionary<string, IJob> jobs = [];
    readonly Dictionary<(TenantId Tenant, string Job, string Key), (JobRun Run, JobStatus Status)> runs = [];

    /// <summary>Every piece is done twice and the work is laid out twice, as after a crash: totals must not change.</summary>
    public bool Twice { get; set; }

    /// <summary>Adds a job under the name that the plugin gives it.</summary>
    public void Add(string name, IJob job) => jobs.Add(name, job);

    /// <inheritdoc/>
    public Task<JobStatus> StartAsync(string job, JobRun run, CancellationToken cancellationToken)
    {
        if (!jobs.ContainsKey(job))
            throw new ArgumentException($"The plugin has no job '{job}'.", nameof(job));
        runs.TryAdd((run.Tenant, job, run.Key), (run, new JobStatus { State = JobState.Running, Partitions = 0, PartitionsDone = 0 }));
        return Task.FromResult(runs[(run.Tenant, job, run.Key)].Status);
    }

    /// <inheritdoc/>
    public Task<JobStatus?> FindAsync(TenantId tenant, string job, string key, CancellationToken cancellationToken)
        => Task.FromResult(runs.TryGetValue((tenant, job, key), out var found) ? found.Status : null);

    /// <summary>
    /// Goes on with whatever was started and has not ended. A run that answers <see cref="JobStep.Later"/> stays where it is, with the
    /// reason in its status, until the next call. An exception of a job comes out here.
    /// </summary>
    public async Task RunAllAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, (run, _)) in runs.Where(run => run.Value.Status.State == JobState.Running).ToList())
            runs[id] = (run, await RunAsync(jobs[id.Job], run, cancellationToken));
    }

    async Task<JobStatus> RunAsync(IJob job, JobRun run, CancellationToken cancellationToken)
    {
        try
        {
            var partitions = await job.PrepareAsync(run, cancellationToken);
            if (Twice)
                partitions = await job.PrepareAsync(run, cancellationToken);
            for (var partition = 0; partition < partitions; partition++)
            {
                if (await RunAsync(job, run, partition, cancellationToken) is { } later)
                {
                    return new JobStatus
                    {
                        State = JobState.Running,
                        Partitions = partitions,
                        PartitionsDone = partition,
                        Error = later.Reason,
                    };
                }
            }
            for (var i = 0; i < (Twice ? 2 : 1); i++)
                await job.FinishAsync(run, cancellationToken);
            return new JobStatus { State = JobState.Done, Partitions = partitions, PartitionsDone = partitions };
        }
        catch (JobRefusedException refused)
        {
            return new JobStatus { State = JobState.Failed, Partitions = 0, PartitionsDone = 0, Error = refused.Message };
        }
    }

    /// <returns>Why the partition is not done; null if it is.</returns>
    async Task<JobStep.Later?> RunAsync(IJob job, JobRun run, int partition, CancellationToken cancellationToken)
    {
        JobStep step;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            step = await job.RunAsync(run, partition, cancellationToken);
        }
        while (step is JobStep.More);
        if (step is JobStep.Done && Twice)
            await job.RunAsync(run, partition, cancellationToken);
        return step as JobStep.Later;
    }
}
