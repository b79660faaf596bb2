using IspHost.Sdk;

namespace IspHost.Scripting.Workers;

/// <summary>A place for one run worker at a time: when it is lost, the next one takes over.</summary>
sealed class RunLane(
    WarmWorkers workers, TenantQueue<Batch> queue, ScriptOptions options, Action<WorkerProcess> started, Action<TenantId, int> answered)
{
    volatile RunSession? session;

    /// <summary>How many batches a worker has.</summary>
    public int Running => session?.Running ?? 0;

    public async Task RunAsync(CancellationToken stop)
    {
        while (await queue.WaitAsync(stop))
        {
            try
            {
                await using var worker = await workers.TakeAsync();
                started(worker);
                session = new RunSession(worker, queue, options, answered);
                await session.ServeAsync(stop);
            }
            catch (Exception failure) when (failure is WorkerLost or IOException or System.ComponentModel.Win32Exception)
            {
                // No worker can be had: whoever waits longest is told, and the next one finds out for itself.
                if (queue.TryTake(out var batch))
                    batch.Run.Fail(failure);
            }
            finally
            {
                session = null;
            }
        }
    }
}
