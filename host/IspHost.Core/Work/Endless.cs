using Microsoft.Extensions.Logging;

namespace IspHost.Core.Work;

/// <summary>Work that goes on for as long as the node does, whatever happens to the database meanwhile.</summary>
/// <remarks>
/// A background service whose work throws takes the whole node along. So each of them works in here: what fails is logged and begun
/// anew after a pause, which grows while it goes on failing. Which exceptions a passing fault of the database has is not asked:
/// providers wrap them, and the next version wraps them differently.
/// </remarks>
sealed partial class Endless(string what, Backoff pauses, TimeProvider time, ILogger log)
{
    /// <summary>Does the work again whenever it fails or returns, until it is stopped.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken stop)
    {
        var failures = 0;
        while (true)
        {
            var begun = time.GetTimestamp();
            try
            {
                await work(stop);
                failures = 1;
            }
            catch (Exception cause) when (!stop.IsCancellationRequested)
            {
                failures = time.GetElapsedTime(begun) > pauses.Longest ? 1 : failures + 1;
                Failed(log, cause, what);
            }
            await Task.Delay(pauses.After(failures), time, stop);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{What} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, string what);
}
