using Microsoft.Extensions.Logging;

namespace IspHost.Core.Loops;

/// <summary>Work that goes on for as long as the node does, whatever happens to the database meanwhile.</summary>
/// <remarks>
/// A background service whose work throws takes the whole node along. So each of them works in here: what fails is logged and begun
/// anew after a pause, which grows while it goes on failing. Which exceptions a passing fault of the database has is not asked:
/// providers wrap them, and the next version wraps them differently.
/// </remarks>
/// <param name="what">For the log: "Following changes".</param>
/// <param name="longest">The longest pause; the first is a tenth of a second, and each is twice the one before.</param>
/// <param name="time">Of pauses.</param>
/// <param name="log">Where failures go.</param>
sealed partial class Endless(string what, TimeSpan longest, TimeProvider time, ILogger log)
{
    static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>Does the work again whenever it fails or returns, until it is stopped.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken stop)
    {
        var pause = First;
        while (true)
        {
            var begun = time.GetTimestamp();
            try
            {
                await work(stop);
            }
            catch (Exception cause) when (!stop.IsCancellationRequested)
            {
                Failed(log, cause, what);
            }
            // What has gone well for so long begins anew with short pauses.
            pause = time.GetElapsedTime(begun) > longest ? First : pause;
            await Task.Delay(pause, time, stop);
            pause = pause * 2 < longest ? pause * 2 : longest;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{What} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, string what);
}
