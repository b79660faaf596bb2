using System.Threading.Channels;

namespace IspHost.Scripting.Workers;

/// <summary>A place for one run worker at a time: when it is lost, the next one takes over.</summary>
sealed class RunLane(WarmWorkers workers, Channel<Batch> queue, ScriptOptions options, Action<WorkerProcess> started)
{
    public async Task RunAsync(CancellationToken stop)
    {
        while (await queue.Reader.WaitToReadAsync(stop))
        {
            try
            {
                await using var worker = await workers.TakeAsync();
                started(worker);
                await new RunSession(worker, queue, options).ServeAsync(stop);
            }
            catch (Exception failure) when (failure is WorkerLost or IOException or System.ComponentModel.Win32Exception)
            {
                // No worker can be had: whoever waits longest is told, and the next one finds out for itself.
                if (queue.Reader.TryRead(out var batch))
                    batch.Run.Fail(failure);
            }
        }
    }
}
