using IspHost.Sdk;
using IspHost.Sdk.Jobs;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>Keeps the promises of the host's jobs, one piece after the other, when the test says so.</summary>
sealed class FakeJobs(Func<IJob> job) : IJobs
{
    readonly Dictionary<string, JobStatus> runs = [];
    readonly Queue<JobRun> waiting = [];

    /// <summary>What the host was asked to start, however often.</summary>
    public List<string> Started { get; } = [];

    public Task<JobStatus> StartAsync(string job, JobRun run, CancellationToken cancellationToken)
    {
        Started.Add(run.Key);
        if (runs.TryAdd(run.Key, new() { State = JobState.Running, Partitions = 0, PartitionsDone = 0 }))
            waiting.Enqueue(run);
        return Task.FromResult(runs[run.Key]);
    }

    public Task<JobStatus?> FindAsync(TenantId tenant, string job, string key, CancellationToken cancellationToken)
        => Task.FromResult(runs.GetValueOrDefault(key));

    /// <summary>Goes on until all is done, or has to wait.</summary>
    public async Task RunAllAsync(CancellationToken cancellationToken)
    {
        while (waiting.TryPeek(out var run))
        {
            if (await RunAsync(run, cancellationToken) is not null)
                return;
            waiting.Dequeue();
        }
    }

    /// <summary>Runs a job to its end, or until it has to wait. It may be called again if it did not come so far.</summary>
    /// <returns>What it waits for; null if it is done.</returns>
    public async Task<JobStep.Later?> RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var partitions = await job().PrepareAsync(run, cancellationToken);
        for (var partition = 0; partition < partitions; partition++)
        {
            JobStep step;
            do
                step = await job().RunAsync(run, partition, cancellationToken);
            while (step is JobStep.More);
            if (step is JobStep.Later later)
            {
                runs[run.Key] = new()
                {
                    State = JobState.Running,
                    Partitions = partitions,
                    PartitionsDone = partition,
                    Error = later.Reason,
                };
                return later;
            }
        }
        await job().FinishAsync(run, cancellationToken);
        runs[run.Key] = new() { State = JobState.Done, Partitions = partitions, PartitionsDone = partitions };
        return null;
    }
}
