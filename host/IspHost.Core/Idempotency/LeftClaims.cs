using System.Collections.Concurrent;
using IspHost.Core.Database;
using IspHost.Core.Work;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Idempotency;

/// <summary>Claims of requests that the database left without an answer, and that could not be given back for the same reason.</summary>
/// <remarks>
/// They are given back once it answers, so that a client which asks again need not wait for the end of a lease that nobody holds. What was
/// under way to a database that hung may arrive when nobody waits for it any more, so this looks more than once.
/// </remarks>
sealed class LeftClaims(RequestClaims claims, DatabasePulse pulse, TimeProvider time, ILogger<LeftClaims> log) : BackgroundService
{
    const int Looks = 20;
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    readonly ConcurrentDictionary<RequestKey, int> left = new();

    /// <summary>Gives it back later.</summary>
    public void Add(RequestKey key) => left[key] = 0;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => new Sweep("claims left behind", Interval, time, log).RunAsync(GiveBackAsync, stoppingToken);

    async Task GiveBackAsync(CancellationToken stop)
    {
        if (pulse.IsAway)
            return;
        foreach (var (key, looks) in left)
        {
            if (await claims.ReleaseAsync(key, stop) || looks == Looks)
                left.TryRemove(key, out _);
            else
                left[key] = looks + 1;
        }
    }
}
