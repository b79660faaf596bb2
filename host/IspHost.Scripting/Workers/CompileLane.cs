using System.Collections.Immutable;
using IspHost.Scripting.Images;
using IspHost.Scripting.Shared;

namespace IspHost.Scripting.Workers;

/// <summary>The compile worker: one source at a time.</summary>
sealed class CompileLane(WarmWorkers workers, ScriptLimits limits, Action<WorkerProcess> started) : IAsyncDisposable
{
    /// <summary>The compiler keeps what it has seen; a fresh worker forgets.</summary>
    const int SourcesPerWorker = 300;

    readonly SemaphoreSlim turn = new(1);
    readonly WireWriter frame = new();
    WorkerProcess? worker;
    int served;
    volatile bool isStopped;

    public async Task<ScriptVerdict> CompileAsync(string source, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            return await TryCompileAsync(source) ?? await TryCompileAsync(source) ?? TooCostly();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>None when the worker died: it may have been killed from outside, so once more is worth it.</summary>
    async Task<ScriptVerdict?> TryCompileAsync(string source)
    {
        try
        {
            return await AskAsync(source);
        }
        catch (WorkerLost loss)
        {
            await DropAsync();
            workers.Prepare();
            return loss.IsHang ? TooCostly() : null;
        }
    }

    async Task<ScriptVerdict> AskAsync(string source)
    {
        if (isStopped)
            throw new OperationCanceledException();
        if (worker is null)
            started(worker = await workers.TakeAsync());
        frame.Begin(FrameKind.Compile);
        frame.Text(source);
        _ = worker.SendAsync(frame);
        var (kind, content) = await worker.ReceiveAsync(limits.CompileTime);
        var verdict = kind == FrameKind.Compiled ? Read(source, content.Span) : throw WorkerLost.Babbling();
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
                diagnostics.Add(new ScriptDiagnostic(answer.Text(), answer.Int32(), answer.Int32(), answer.Text()));
            return diagnostics.Count > 0 ? new ScriptVerdict.Rejected(diagnostics) : Gated(source, bytes);
        }
        catch (InvalidDataException)
        {
            throw WorkerLost.Babbling();
        }
    }

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
        isStopped = true;
        worker?.Kill();
        await turn.WaitAsync();
        await DropAsync();
        turn.Dispose();
    }
}
