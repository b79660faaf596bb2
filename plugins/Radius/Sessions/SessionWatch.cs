using System.Text.Json;
using IspHost.Plugins.Radius.Changes;
using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace IspHost.Plugins.Radius.Sessions;

/// <summary>Goes round the open sessions of a tenant, one round at a time in the whole cluster.</summary>
/// <remarks>
/// News may come before a session shows itself, and a date brings no news at all. So each round compares what every session has
/// been given with what its service may have now, and has those changed that differ. It looks at the memory of its node, which is
/// quick; whoever sends the request reads the database, which is right. And it closes the sessions that their device has forgotten or lost.
/// </remarks>
sealed class SessionWatch(
    LiveSessions sessions, ChangeRequests requests, SessionChanges changes, StaleRule stale, ISubscribers subscribers, ITenants tenants,
    RadiusJson json, IClock clock, ILogger<SessionWatch> log) : IActor
{
    public const string ActorType = "session-watch";

    /// <summary>Sent when there may be something to see: the next round then comes at once.</summary>
    public const string HurrySchema = "radius.watch-hurry";

    const string RoundSchema = "radius.watch-round";
    const string StateSchema = "radius.watch-state";

    /// <summary>What one turn has time for; the rest follows in the next.</summary>
    const int MostAtOnce = 50;
    const int MostClosedAtOnce = 10_000;

    /// <summary>A record whose session is being closed waits for one statement.</summary>
    const int ClosedByStatement = 1_000;

    const int Parallel = 16;

    static readonly Duration Pause = Duration.FromMinutes(1);
    static readonly Duration Soon = Duration.FromSeconds(1);

    /// <summary>A device that has not done what it was asked for is asked again after this.</summary>
    static readonly Duration AskAgainAfter = Duration.FromMinutes(5);

    /// <summary>With a longer gap between two rounds we were away, and so were the ears for what devices have sent.</summary>
    static readonly Duration LongestGap = Duration.FromMinutes(2);

    public async ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken)
    {
        var state = actor.State is { } known ? JsonSerializer.Deserialize(known.Json.Span, json.WatchState)! : new WatchState();
        if (message.Schema != HurrySchema)
            return await GoRoundAsync(actor.Tenant, state, cancellationToken);
        // A round that is near stays where it is: putting it off with each hurry could put it off for ever.
        return state.IsHurried ? new ActorTurn { State = actor.State } : Next(Soon, state with { IsHurried = true });
    }

    async Task<ActorTurn> GoRoundAsync(TenantId tenant, WatchState state, CancellationToken stop)
    {
        var (realNow, now) = (clock.GetCurrentInstant(), tenants.Now(tenant));
        var listeningSince = state.RoundAt is { } last && realNow - last <= LongestGap ? state.ListeningSince : now;
        var open = await sessions.OpenAsync(tenant, stop);
        var isMore = await CloseEndedAsync(tenant, open, stop)
            | await CloseStaleAsync(tenant, open, listeningSince, stop) | await CorrectAsync(tenant, open, now, stop);
        return Next(isMore ? Soon : Pause, new WatchState { IsHurried = isMore, RoundAt = realNow, ListeningSince = listeningSince });
    }

    /// <summary>Closes what the device has lost by beginning anew.</summary>
    /// <returns>Whether there is more of it.</returns>
    async Task<bool> CloseEndedAsync(TenantId tenant, List<OpenSession> open, CancellationToken stop)
    {
        var ended = open.Where(session => session.IsOver).Select(session => session.Id).ToList();
        open.RemoveAll(session => session.IsOver);
        foreach (var piece in ended.Take(MostClosedAtOnce).Chunk(ClosedByStatement))
        {
            var closed = await sessions.CloseEndedAsync(tenant, piece, stop);
            log.LogInformation("{Count} sessions of tenant {Tenant} have been closed whose devices began anew.", closed, tenant);
        }
        return ended.Count > MostClosedAtOnce;
    }

    /// <summary>Closes what has been silent for too long, while somebody was there to listen.</summary>
    /// <returns>Whether there is more of it.</returns>
    async Task<bool> CloseStaleAsync(TenantId tenant, List<OpenSession> open, Instant listeningSince, CancellationToken stop)
    {
        var silent = new Dictionary<Guid, Instant>();
        foreach (var session in open)
        {
            var before = stale.Before(tenant, session.Subscription);
            if (session.LastAt < before && listeningSince <= before)
                silent.Add(session.Id, before);
        }
        if (silent.Count == 0)
            return false;
        var closed = await sessions.CloseStaleAsync(tenant, [.. silent.Take(MostClosedAtOnce).Select(one => (one.Key, one.Value))], stop);
        open.RemoveAll(session => silent.ContainsKey(session.Id));
        log.LogInformation("{Count} stale sessions of tenant {Tenant} have been closed.", closed, tenant);
        return silent.Count > MostClosedAtOnce;
    }

    /// <returns>Whether there is more to be corrected.</returns>
    async Task<bool> CorrectAsync(TenantId tenant, List<OpenSession> open, Instant now, CancellationToken stop)
    {
        var outdated = Outdated(tenant, open);
        if (outdated.Count == 0)
            return false;
        var unasked = await requests.NotAskedAsync(tenant, outdated, now - AskAgainAfter, stop);
        await System.Threading.Tasks.Parallel.ForEachAsync(
            unasked.Take(MostAtOnce),
            new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = stop },
            async (session, token) => await changes.SendAsync(tenant, Order(session, now), token));
        return unasked.Count > MostAtOnce;
    }

    List<(Guid Session, long Grant)> Outdated(TenantId tenant, List<OpenSession> open)
    {
        var found = new List<(Guid, long)>();
        foreach (var session in open)
        {
            if (session.Subscription is not { } subscription)
                continue;
            var grant = Grant.Of(subscribers.Find(tenant, subscription));
            if (Grant.IsOutdated(session.Granted, grant))
                found.Add((session.Id, grant));
        }
        return found;
    }

    static ChangeOrder Order(Guid session, Instant now) => new()
    {
        Request = Guid.CreateVersion7(),
        Session = session,
        Access = AccessMode.Blocked,
        Reason = "It has other access than its service may have now.",
        By = "plugin:Radius",
        AsOf = now,
    };

    ActorTurn Next(Duration after, WatchState state) => new()
    {
        State = new Envelope(StateSchema, 1, JsonSerializer.SerializeToUtf8Bytes(state, json.WatchState)),
        WakeUp = new WakeUp(after, new Envelope(RoundSchema, 1, "{}"u8.ToArray())),
    };
}

/// <summary>What a watch remembers between two rounds.</summary>
sealed record WatchState
{
    /// <summary>The next round is a matter of a second.</summary>
    public bool IsHurried { get; init; }

    /// <summary>When the last round was, by the real clock.</summary>
    public Instant? RoundAt { get; init; }

    /// <summary>Since when rounds have followed each other without a gap, by the tenant's clock.</summary>
    public Instant ListeningSince { get; init; }
}
