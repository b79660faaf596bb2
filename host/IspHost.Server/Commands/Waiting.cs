using System.Diagnostics;
using System.Net;
using IspHost.Server.Client;

namespace IspHost.Server.Commands;

/// <summary>Waits for long work to end.</summary>
static class Waiting
{
    /// <summary>The work goes on while the server has no answer, so the wait does, too.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Looks again and again.</summary>
    /// <param name="begun">The work as it was begun.</param>
    /// <param name="look">Looks.</param>
    /// <param name="isOver">Whether it has ended.</param>
    /// <param name="seen">Hears how far it is.</param>
    /// <param name="cancellationToken">Ends the wait, and not the work.</param>
    /// <exception cref="RequestException">A look was refused, or for a minute none was answered.</exception>
    public static async Task<T> UntilAsync<T>(
        T begun, Func<Task<T>> look, Func<T, bool> isOver, Action<T> seen, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var (now, answered) = (begun, start);
        while (!isOver(now))
        {
            seen(now);
            await Task.Delay(PauseAfter(Stopwatch.GetElapsedTime(start)), cancellationToken);
            try
            {
                now = await look();
                answered = Stopwatch.GetTimestamp();
            }
            catch (RequestException refusal) when (IsPassing(refusal.Status) && Stopwatch.GetElapsedTime(answered) < Patience)
            {
            }
        }
        return now;
    }

    static bool IsPassing(HttpStatusCode? status) => status is null or HttpStatusCode.TooManyRequests
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>Whoever has waited for long learns of the end a tenth later, for each look costs the server some.</summary>
    static TimeSpan PauseAfter(TimeSpan waited) => TimeSpan.FromSeconds(Math.Clamp(waited.TotalSeconds / 10, 0.25, 5));
}
