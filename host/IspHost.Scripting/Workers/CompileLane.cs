using System.Collections.Immutable;
using System.ComponentModel;
using IspHost.Scripting.Images;
using IspHost.Scripting.Shared;
using IspHost.Sdk;

namespace IspHost.Scripting.Workers;

/// <summary>A compile worker: one source at a time, the tenants in turn.</summary>
sealed class CompileLane : IAsyncDisposable
{
    /// <summary>The compiler keeps what it has seen; a fresh worker forgets.</summary>
    const int SourcesPerWorker = 300;

    const int LongestCode = 10, LongestText = 500;

    const string TooBusy = "The machine was too busy to compile the script: try again.";

    readonly WarmWorkers workers;
    readonly ScriptLimits limits;
    readonly Action<WorkerProcess> started;
    readonly TenantQueue<Compilation> queue;
    readonly CancellationTokenSource stop = new();
    readonly Task serving;
    readonly WireWriter frame = new();
    WorkerProcess? worker;
    int served;
    volatile bool isBusy;

    public CompileLane(WarmWorkers workers, ScriptLimits limits, Action<WorkerProcess> started)
    {
        (this.workers, this.limits, this.started) = (workers, limits, started);
        queue = new TenantQueue<Compilation>(limits, TimeProvider.System);
        serving = Task.Run(ServeAsync);
    }

    public LaneLoad Load() => LaneLoad.Of(queue.Waiting(), isBusy ? 1 : 0);

    /// <returns>None if so many sources of the tenant wait already.</returns>
    public async Task<ScriptVerdict?> CompileAsync(TenantId tenant, string source, int mostWaiting, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(stop.IsCancellationRequested, this);
        var compilation = new Compilation(tenant, source, cancellation);
        return queue.TryAdd(tenant, compilation, mostWaiting) ? await compilation.Verdict.Task.WaitAsync(cancellation) : null;
    }

    async Task ServeAsync()
    {
        while (await queue.WaitAsync(stop.Token))
            if (queue.TryTake(out var compilation) && !compilation.Cancellation.IsCancellationRequested)
                await ServeAsync(compilation);
    }

    async Task ServeAsync(Compilation compilation)
    {
        isBusy = true;
        try
        {
            var verdict = await TryCompileAsync(compilation) ?? await TryCompileAsync(compilation) ?? TooCostly();
            compilation.Verdict.TrySetResult(verdict);
        }
        catch (Exception failure) when (failure is IOException or Win32Exception or OperationCanceledException)
        {
            // No worker can be had, or all is being shut down: whoever asked is told.
            compilation.Verdict.TrySetException(failure);
        }
        finally
        {
            isBusy = false;
        }
    }

    /// <summary>None when the worker died: it may have been killed from outside, so once more is worth it.</summary>
    async Task<ScriptVerdict?> TryCompileAsync(Compilation compilation)
    {
        try
        {
            return await AskAsync(compilation);
        }
        catch (WorkerLost loss)
        {
            await DropAsync();
            _ = workers.PrepareAsync();
            queue.Spend(compilation.Tenant, loss.IsHang ? limits.CompileTime : limits.Turn);
            return loss.IsHang ? TooCostly() : loss.IsStarved ? new ScriptVerdict.Later(TooBusy) : null;
        }
    }

    async Task<ScriptVerdict> AskAsync(Compilation compilation)
    {
        stop.Token.ThrowIfCancellationRequested();
        if (worker is null)
            started(worker = await workers.TakeAsync());
        var before = worker.ProcessorTime;
        frame.Begin(FrameKind.Compile);
        frame.Text(compilation.Source);
        _ = worker.SendAsync(frame);
        var (kind, content) = await worker.ReceiveAsync(limits.CompileTime);
        var verdict = kind == FrameKind.Compiled ? Read(compilation.Source, content.Span) : throw WorkerLost.Babbling();
        queue.Spend(compilation.Tenant, worker.ProcessorTime - before);
        if (++served % SourcesPerWorker == 0)
            await DropAsync();
        return verdict;
    }

    static ScriptVerdict Read(string source, ReadOnlySpan<byte> content)
    {
        try
        {
            var answer = new WireReader(content);
            var bytes = answer.Bytes().ToImmutableArray();
            var diagnostics = new List<ScriptDiagnostic>();
            for (var left = answer.Count(16); left > 0; left--)
                diagnostics.Add(Diagnostic(ref answer));
            return diagnostics.Count > 0 ? new ScriptVerdict.Rejected(diagnostics) : Gated(source, bytes);
        }
        catch (InvalidDataException)
        {
            throw WorkerLost.Babbling();
        }
    }

    /// <summary>The compiler quotes the source, and what it folded of it.</summary>
    static ScriptDiagnostic Diagnostic(ref WireReader answer)
        => new(PlainText.Line(answer.Text(), LongestCode), answer.Int32(), answer.Int32(), PlainText.Line(answer.Text(), LongestText));

    static ScriptVerdict Gated(string source, ImmutableArray<byte> bytes)
    {
        var image = new ScriptImage { Hash = ScriptImage.HashOf(source), Bytes = bytes, Rules = ScriptImage.CurrentRules };
        try
        {
            CheckedImage.Of(image);
            return new ScriptVerdict.Accepted(image);
        }
        catch (InvalidDataException refused)
        {
            return new ScriptVerdict.Rejected([new ScriptDiagnostic("SBX100", 1, 1, refused.Message)]);
        }
    }

    static ScriptVerdict.Rejected TooCostly()
        => new([new ScriptDiagnostic("SBX124", 1, 1, "The script cost the compiler too much time or memory.")]);

    async Task DropAsync()
    {
        if (worker is not null)
            await worker.DisposeAsync();
        worker = null;
    }

    public async ValueTask DisposeAsync()
    {
        queue.Close();
        await stop.CancelAsync();
        worker?.Kill();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (queue.TryTake(out var compilation))
            compilation.Verdict.TrySetCanceled();
        await DropAsync();
        stop.Dispose();
    }

    sealed record Compilation(TenantId Tenant, string Source, CancellationToken Cancellation)
    {
        public TaskCompletionSource<ScriptVerdict> Verdict { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
