namespace IspHost.Scripting.Workers;

/// <summary>Hands out workers that have started already, and starts the next ones behind the callers' backs.</summary>
sealed class WarmWorkers(WorkerLaunch launch, bool keepSpare) : IAsyncDisposable
{
    readonly Lock gate = new();
    readonly CancellationTokenSource stop = new();
    Task<WorkerProcess>? spare;
    ScriptsUnavailableException? final;

    /// <summary>The layers of protection that the worker started last has put on.</summary>
    public IReadOnlyList<string> Layers { get; private set; } = [];

    /// <summary>Why the last attempt to start a worker failed; null if it did not.</summary>
    public string? Trouble { get; private set; }

    /// <exception cref="ScriptsUnavailableException">Workers cannot be started.</exception>
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
    public Task PrepareAsync()
    {
        lock (gate)
            return spare ??= StartAsync();
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
        catch (Exception failure) when (failure is ScriptsUnavailableException or OperationCanceledException)
        {
            // It never came up.
        }

        stop.Dispose();
    }

    Task<WorkerProcess> StartAsync() => Task.Run(async () =>
    {
        try
        {
            var worker = final is null ? await WorkerProcess.StartAsync(launch, stop.Token) : throw final;
            (Layers, Trouble) = (worker.Layers, null);
            return worker;
        }
        catch (ScriptsUnavailableException failure)
        {
            Trouble = failure.Message;
            final = failure.IsFinal ? failure : null;
            throw;
        }
    });
}
