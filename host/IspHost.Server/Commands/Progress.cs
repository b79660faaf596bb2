using System.Diagnostics;

namespace IspHost.Server.Commands;

/// <summary>Shows on standard error how far a wait is: on a terminal in one line that changes, else line by line.</summary>
sealed class Progress : IAsyncDisposable
{
    const string EraseLine = "\r\e[K";

    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource over = new();
    readonly long start = Stopwatch.GetTimestamp();
    readonly bool isTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";
    readonly Task showing;
    volatile string state;

    /// <param name="state">What is waited for at first.</param>
    public Progress(string state)
    {
        this.state = state;
        showing = ShowAsync(over.Token);
    }

    /// <summary>How far it is now.</summary>
    public void Report(string now) => state = now;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await showing;
        over.Dispose();
    }

    async Task ShowAsync(CancellationToken cancellationToken)
    {
        var lines = new ProgressLines();
        var isDrawn = false;
        using var timer = new PeriodicTimer(Look);
        while (await NextAsync(timer, cancellationToken))
        {
            var waited = Stopwatch.GetElapsedTime(start);
            if (isTerminal)
            {
                var line = ProgressLines.LineOf(waited, state);
                await Console.Error.WriteAsync(EraseLine + line[..Math.Min(line.Length, Width - 1)]);
                isDrawn = true;
            }
            else if (lines.Due(waited, state) is { } line)
            {
                await Console.Error.WriteLineAsync(line);
            }
        }
        if (isDrawn)
            await Console.Error.WriteAsync(EraseLine);
    }

    /// <summary>A longer line would begin a second one, and that would not be erased. Some terminals say that theirs is 0.</summary>
    static int Width => Console.WindowWidth is > 20 and var width ? width : 80;

    static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
