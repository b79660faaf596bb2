using IspHost.Core.Work;
using IspHost.Sdk;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Outbox;

/// <summary>The lanes to the handlers that this node has now.</summary>
sealed class Lanes(OutboxRows rows, OutboxOptions options, ILogger log)
{
    readonly Dictionary<(string Plugin, string Kind, string Handler), Running> running = [];

    /// <summary>Opens and closes lanes until they are those of the subscribers.</summary>
    /// <returns>Whether any came or went.</returns>
    public bool Adopt(IReadOnlyList<EventSubscriber> subscribers, CancellationToken stop)
    {
        var wanted = subscribers.ToDictionary(s => (s.Plugin, s.Kind, s.Handler));
        var gone = running.Keys.Where(key => !wanted.ContainsKey(key)).ToList();
        foreach (var key in gone)
        {
            running[key].Stop.Cancel();
            running.Remove(key);
        }

        var added = wanted.Where(subscriber => !running.ContainsKey(subscriber.Key)).ToList();
        foreach (var (key, subscriber) in added)
            running.Add(key, Open(subscriber, stop));
        return gone.Count + added.Count > 0;
    }

    public void Nudge(TenantId tenant)
    {
        foreach (var open in running.Values)
            open.Lane.Nudge(tenant);
    }

    /// <summary>Ends when all deliveries that are under way have ended.</summary>
    public Task EndAsync() => Task.WhenAll(running.Values.Select(open => open.Work));

    Running Open(EventSubscriber subscriber, CancellationToken stop)
    {
        var lane = new Lane(subscriber, rows, options, log);
        var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        return new Running(lane, end, Task.Run(() => RunAsync(lane, end), CancellationToken.None));
    }

    static async Task RunAsync(Lane lane, CancellationTokenSource end)
    {
        using (lane)
        using (end)
            await lane.RunAsync(end.Token);
    }

    sealed record Running(Lane Lane, CancellationTokenSource Stop, Task Work);
}
