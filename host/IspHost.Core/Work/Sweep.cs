using Microsoft.Extensions.Logging;

namespace IspHost.Core.Work;

/// <summary>Looks for work again and again, because whatever announced it may have been lost.</summary>
/// <remarks>Every node sweeps. What is found is poked or claimed, so two that find the same do no harm.</remarks>
sealed partial class Sweep(string what, TimeSpan every, TimeProvider time, ILogger log)
{
    /// <summary>Makes a pass now and after each pause, until it is stopped. A pass that fails is logged and made again.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> pass, CancellationToken stop)
    {
        using var pauses = new PeriodicTimer(every, time);
        do
        {
            try
            {
                await pass(stop);
            }
            catch (Exception cause) when (!stop.IsCancellationRequested) // Database or cluster away: the next pass finds the same work.
            {
                Failed(log, cause, what);
            }
        }
        while (await pauses.WaitForNextTickAsync(stop));
    }

    [LoggerMessage(LogLevel.Warning, "Looking for {What} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, string what);
}
