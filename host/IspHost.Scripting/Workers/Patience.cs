using System.Diagnostics;

namespace IspHost.Scripting.Workers;

/// <summary>How long a worker may compute without a word. On a busy machine it gets little time, and may take the longer for it.</summary>
/// <remarks>
/// Half of the time is a wait by the clock, since nearly all answers come within it and asking the kernel costs more than they do. From
/// then on the worker's own processor time counts.
/// </remarks>
sealed class Patience(WorkerProcess worker, TimeSpan limit) : IDisposable
{
    /// <summary>A worker that gets less than a twentieth of a processor is not waited for any longer.</summary>
    const int Slowest = 20;

    static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(50);

    readonly long started = Stopwatch.GetTimestamp();
    CancellationTokenSource wait = new(limit / 2);
    TimeSpan? before;

    public CancellationToken Token => wait.Token;

    /// <summary>The wait is over: is there a reason to wait on?</summary>
    /// <exception cref="WorkerLost">The worker has computed for too long, or could not compute at all.</exception>
    public void Renew()
    {
        var now = worker.ProcessorTime;
        before ??= now;
        var left = limit / 2 - (now - before.Value);
        if (left <= TimeSpan.Zero)
            throw WorkerLost.Silent();
        if (Stopwatch.GetElapsedTime(started) > limit * Slowest)
            throw WorkerLost.Starved();
        wait.Dispose();
        wait = new CancellationTokenSource(left > LeastWait ? left : LeastWait);
    }

    public void Dispose() => wait.Dispose();
}
