using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text;
using IspHost.Scripting.Images;
using IspHost.Scripting.Shared;
using IspHost.Scripting.Workers;
using IspHost.Sdk;
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
    readonly TenantQueue<Batch> queue;
    readonly CancellationTokenSource stop = new();
    readonly ConditionalWeakTable<ScriptImage, CheckedImage> images = [];
    readonly WarmWorkers compilers, runners;
    readonly CompileLane checks, compiles;
    readonly RunLane[] runs;
    readonly Task[] lanes;
    readonly LaneMetrics metrics;

    /// <exception cref="FileNotFoundException">The worker's executable is not there.</exception>
    public PriceScripts(ScriptOptions? options = null)
    {
        this.options = options ?? new ScriptOptions();
        var worker = WorkerPlace.Find(this.options.WorkerPath);
        folder = WorkerLaunch.NewFolder();
        if (WorkerLaunch.NeedsOwnUser(this.options) && WorkerPlace.Barrier(worker) is not null)
            worker = WorkerPlace.Copy(worker, folder);
        queue = new TenantQueue<Batch>(this.options.Limits, TimeProvider.System);
        compilers = new WarmWorkers(new WorkerLaunch("compile", worker, this.options, folder), keepSpare: false);
        runners = new WarmWorkers(new WorkerLaunch("run", worker, this.options, folder), keepSpare: true);
        checks = new CompileLane(compilers, this.options.Limits, Started);
        compiles = new CompileLane(compilers, this.options.Limits, Started);
        runs = [.. Enumerable.Range(0, this.options.Workers).Select(_ => new RunLane(runners, queue, this.options, Started, Answer))];
        lanes = [.. runs.Select(lane => Task.Run(() => lane.RunAsync(stop.Token)))];
        metrics = new LaneMetrics(("run", Load), ("check", checks.Load), ("compile", compiles.Load));
    }

    /// <summary>Those of <see cref="ScriptLayers"/> that the last started worker has put on. Empty before the first one.</summary>
    public IReadOnlyList<string> Layers => runners.Layers;

    /// <summary>Why no scripts are served at present, for the operator, in one line; null if nothing is known against it.</summary>
    public string? Trouble => runners.Trouble ?? compilers.Trouble;

    /// <summary>A worker took its place, with this process id.</summary>
    internal event Action<int>? WorkerStarted;

    /// <summary>So many items of a tenant have got their outcomes.</summary>
    internal event Action<TenantId, int>? Answered;

    internal Meter Meter => metrics.Meter;

    /// <summary>Starts the first worker, which the first call does otherwise: what is wrong with it is better known before.</summary>
    /// <exception cref="ScriptsUnavailableException">It does not start, or not as it has to be.</exception>
    public Task StartAsync() => runners.PrepareAsync();

    /// <summary>Checks and compiles what somebody has written. The first call takes a second longer: the compiler starts.</summary>
    /// <remarks>The tenants take turns. One that sends faster than it is served gets <see cref="ScriptVerdict.OverShare"/>.</remarks>
    /// <exception cref="ScriptsUnavailableException">No worker can be started.</exception>
    public async Task<ScriptVerdict> CompileAsync(TenantId tenant, string source, CancellationToken cancellationToken)
        => Refused(source)
            ?? await checks.CompileAsync(tenant, source, options.Limits.WaitingSources, cancellationToken)
            ?? OverShare();

    /// <summary>Compiles what was accepted before, under older rules, for a bill run: by a compiler that no author waits for.</summary>
    /// <exception cref="ScriptsUnavailableException">No worker can be started.</exception>
    public async Task<ScriptVerdict> CompileAgainAsync(TenantId tenant, string source, CancellationToken cancellationToken)
        => Refused(source) ?? (await compiles.CompileAsync(tenant, source, int.MaxValue, cancellationToken))!;

    /// <summary>Prices each item. 1,000 or more a call are best: a call costs some 30 microseconds, an item 0.2 and its rule.</summary>
    /// <remarks>The tenants take turns at the workers, of <see cref="ScriptLimits.Turn"/> each.</remarks>
    /// <returns>One outcome for each item, in their order. What a limit stopped, threw or returned nonsense has failed, alone.</returns>
    /// <exception cref="InvalidDataException">The image is not one that was compiled by the current rules.</exception>
    /// <exception cref="ScriptsUnavailableException">No worker can be started.</exception>
    public async Task<IReadOnlyList<RatingOutcome>> RunAsync(
        TenantId tenant, ScriptImage image, IReadOnlyList<RatingItem> items, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(stop.IsCancellationRequested, this);
        var run = new ScriptRun(tenant, images.GetValue(image, CheckedImage.Of), items, options.Limits, cancellationToken);
        foreach (var batch in run.Batches())
            if (!queue.TryAdd(tenant, batch, options.Limits.WaitingBatches))
                run.Crowd(batch);
        return await run.OutcomesAsync();
    }

    /// <summary>Ends all workers. Calls that still wait are cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        metrics.Dispose();
        queue.Close();
        await stop.CancelAsync();
        await Task.WhenAll(lanes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (queue.TryTake(out var batch))
            batch.Run.Fail(new OperationCanceledException());
        await checks.DisposeAsync();
        await compiles.DisposeAsync();
        await compilers.DisposeAsync();
        await runners.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        stop.Dispose();
    }

    ScriptVerdict.OverShare OverShare()
    {
        ScriptMetrics.CountSource();
        return new ScriptVerdict.OverShare(options.Limits.CompileTime);
    }

    /// <summary>What needs no compiler to be seen.</summary>
    ScriptVerdict.Rejected? Refused(string source)
    {
        if (Encoding.UTF8.GetByteCount(source) > options.Limits.SourceBytes)
            return new([new("SBX124", 1, 1, $"The script is longer than {options.Limits.SourceBytes} bytes.")]);
        return PlainText.IsWhole(source) ? null : new([new("SBX123", 1, 1, "The script has half of a character.")]);
    }

    LaneLoad Load() => LaneLoad.Of(queue.Waiting(), runs.Sum(lane => lane.Running));

    void Answer(TenantId tenant, int items) => Answered?.Invoke(tenant, items);

    void Started(WorkerProcess worker) => WorkerStarted?.Invoke(worker.Id);
}
