using System.Collections.Concurrent;
using IspHost.Sdk;
using IspHost.Sdk.Jobs;

namespace IspHost.Core.Tests.Jobs;

/// <summary>A job that keeps a record of what was asked of it.</summary>
sealed class FakeJob(int partitions, int pieces = 1) : IJob
{
    readonly ConcurrentDictionary<(TenantId Tenant, int Partition), int> left = new();

    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Runs before each piece.</summary>
    public Func<int, CancellationToken, Task> BeforePiece { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Why a partition cannot go on; null if it can.</summary>
    public Func<int, JobStep.Later?> Waits { get; init; } = _ => null;

    /// <summary>Runs before each piece, too.</summary>
    public Func<JobRun, Task> Of { get; init; } = _ => Task.CompletedTask;

    public Func<JobRun, int> Prepare { get; init; } = _ => partitions;

    public int Count(string call) => Calls.Count(made => made == call);

    public Task<int> PrepareAsync(JobRun run, CancellationToken cancellationToken)
    {
        Calls.Enqueue("prepare");
        return Task.FromResult(Prepare(run));
    }

    public async Task<JobStep> RunAsync(JobRun run, int partition, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"begin {partition}");
        await Of(run);
        await BeforePiece(partition, cancellationToken);
        if (Waits(partition) is { } later)
            return later;
        Calls.Enqueue($"end {partition}");
        return left.AddOrUpdate((run.Tenant, partition), pieces - 1, (_, before) => before - 1) > 0
            ? new JobStep.More()
            : new JobStep.Done();
    }

    public Task FinishAsync(JobRun run, CancellationToken cancellationToken)
    {
        Calls.Enqueue("finish");
        return Task.CompletedTask;
    }
}
