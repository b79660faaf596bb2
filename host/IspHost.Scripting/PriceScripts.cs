using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using IspHost.Scripting.Images;
using IspHost.Scripting.Workers;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting;

/// <summary>Compiles and runs price scripts that nobody trusts, in child processes.</summary>
/// <remarks>
/// Nothing of a script is ever loaded into this process. Workers are started when they are first needed; all methods may be called
/// from any thread at any time.
/// </remarks>
public sealed class PriceScripts : IAsyncDisposable
{
    readonly ScriptOptions options;
    readonly string folder;
    readonly Channel<Batch> queue = Channel.CreateUnbounded<Batch>();
    readonly CancellationTokenSource stop = new();
    readonly ConditionalWeakTable<ScriptImage, CheckedImage> images = [];
    readonly WarmWorkers compilers, runners;
    readonly CompileLane compileLane;
    readonly Task[] lanes;
    volatile IReadOnlyList<string> layers = [];

    /// <exception cref="FileNotFoundException">The worker's executable is not there.</exception>
    public PriceScripts(ScriptOptions? options = null)
    {
        this.options = options ?? new ScriptOptions();
        var worker = WorkerPlace.Find(this.options.WorkerPath);
        folder = WorkerLaunch.NewFolder();
        compilers = new WarmWorkers(new WorkerLaunch("compile", worker, this.options, folder), keepSpare: false);
        runners = new WarmWorkers(new WorkerLaunch("run", worker, this.options, folder), keepSpare: true);
        compileLane = new CompileLane(compilers, this.options.Limits, Started);
        lanes = [.. Enumerable.Range(0, this.options.Workers).Select(_ => Task.Run(RunLaneAsync))];
    }

    /// <summary>
    /// The layers of protection that the last started worker has put on: <c>seccomp</c>, <c>rlimits</c>, <c>no-new-privileges</c>,
    /// <c>heap-limit</c>, <c>unprivileged-user</c>. Empty before the first one; those that the platform lacks are not in it.
    /// </summary>
    public IReadOnlyList<string> Layers => layers;

    /// <summary>A worker took its place, with this process id.</summary>
    internal event Action<int>? WorkerStarted;

    /// <summary>Checks and compiles a script. The first call takes a second longer: the compiler starts.</summary>
    /// <exception cref="IOException">No worker can be started.</exception>
    public async Task<ScriptVerdict> CompileAsync(string source, CancellationToken cancellationToken)
    {
        if (Encoding.UTF8.GetByteCount(source) > options.Limits.SourceBytes)
            return new ScriptVerdict.Rejected([new("SBX124", 1, 1, $"The script is longer than {options.Limits.SourceBytes} bytes.")]);
        return await compileLane.CompileAsync(source, cancellationToken);
    }

    /// <summary>Prices each item. 1,000 or more a call are best: a call costs some 30 microseconds, an item 0.2 and its rule.</summary>
    /// <returns>One outcome for each item, in their order. What a limit stopped, threw or returned nonsense has failed, alone.</returns>
    /// <exception cref="InvalidDataException">The image is not one that <see cref="CompileAsync"/> made by the current rules.</exception>
    /// <exception cref="IOException">No worker can be started.</exception>
    public async Task<IReadOnlyList<RatingOutcome>> RunAsync(
        ScriptImage image, IReadOnlyList<RatingItem> items, CancellationToken cancellationToken)
    {
        var run = new ScriptRun(images.GetValue(image, CheckedImage.Of), items, options.Limits.LostWorkers, cancellationToken);
        foreach (var batch in run.Batches())
            await queue.Writer.WriteAsync(batch, cancellationToken);
        return await run.OutcomesAsync();
    }

    /// <summary>Ends all workers. Calls that still wait are cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await stop.CancelAsync();
        await Task.WhenAll(lanes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (queue.Reader.TryRead(out var batch))
            batch.Run.Fail(new OperationCanceledException());
        await compileLane.DisposeAsync();
        await compilers.DisposeAsync();
        await runners.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        stop.Dispose();
    }

    Task RunLaneAsync() => new RunLane(runners, queue, options, Started).RunAsync(stop.Token);

    void Started(WorkerProcess worker)
    {
        layers = worker.Layers;
        WorkerStarted?.Invoke(worker.Id);
    }
}
