namespace IspHost.Scripting.Workers;

/// <summary>Hands out workers that have started already, and starts the next ones behind the callers' backs.</summary>
sealed class WarmWorkers(WorkerLaunch launch, bool keepSpare) : IAsyncDisposable
{
    readonly Lock gate = new();
    readonly CancellationTokenSource stop = new();
    Task<WorkerProcess>? spare;

    /// <exception cref="WorkerLost">Workers cannot be started.</exception>
    public async Task<WorkerProcess> TakeAsync()
    {
        Task<WorkerProcess> taken;
        lock (gate)
        {
            taken = spare is { IsFaulted: false, IsCanceled: false } ? spare : StartAsync();
            spare = keepSpare ? StartAsync() : null;
        }

        return await taken;
    }

    /// <summary>Starts a spare now, for whoever comes next.</summary>
    public void Prepare()
    {
        lock (gate)
            spare ??= StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        Task<WorkerProcess>? last;
        lock (gate)
            (last, spare) = (spare, null);
        try
        {
            if (last is not null)
                await (await last).DisposeAsync();
        }
        catch (Exception failure) when (failure is WorkerLost or OperationCanceledException)
        {
            // It never came up.
        }

        stop.Dispose();
    }

    Task<WorkerProcess> StartAsync() => Task.Run(() => WorkerProcess.StartAsync(launch, stop.Token));
}
