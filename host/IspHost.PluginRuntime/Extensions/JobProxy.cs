using IspHost.Sdk.Jobs;

namespace IspHost.PluginRuntime;

sealed class JobProxy(Slot<IJob> slot) : IJob
{
    public Task<int> PrepareAsync(JobRun run, CancellationToken cancellationToken)
        => slot.CallAsync(
            run.Tenant, static (job, run, stop) => new ValueTask<int>(job.PrepareAsync(run, stop)), run, cancellationToken);

    public Task<JobStep> RunAsync(JobRun run, int partition, CancellationToken cancellationToken)
        => slot.CallAsync(
            run.Tenant,
            static (job, piece, stop) => new ValueTask<JobStep>(job.RunAsync(piece.run, piece.partition, stop)),
            (run, partition),
            cancellationToken);

    public Task FinishAsync(JobRun run, CancellationToken cancellationToken)
        => slot.CallAsync(run.Tenant, Finish, run, cancellationToken);

    static async ValueTask<bool> Finish(IJob job, JobRun run, CancellationToken stop)
    {
        await job.FinishAsync(run, stop);
        return true;
    }
}
