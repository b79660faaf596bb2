using System.Text.Json;
using IspHost.Plugins.Radius.Changes;
using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using NodaTime;

namespace IspHost.Plugins.Radius.Sessions;

/// <summary>Goes round the open sessions of a tenant, one round at a time in the whole cluster.</summary>
/// <remarks>
/// News may come before a session shows itself, and a date brings no news at all. So each round compares what every session has
/// been given with what its service may have now, and has those changed that differ. It looks at the memory of its node, which is
/// quick; whoever sends the request reads the database, which is right.
/// </remarks>
sealed class SessionWatch(
    LiveSessions sessions, ChangeRequests requests, SessionChanges changes, ISubscribers subscribers, ITenants tenants, RadiusJson json)
    : IActor
{
    public const string ActorType = "session-watch";

    /// <summary>Sent when there may be something to see: the next round then comes at once.</summary>
    public const string HurrySchema = "radius.watch-hurry";

    const string RoundSchema = "radius.watch-round";
    const string StateSchema = "radius.watch-state";

    /// <summary>What one turn has time for; the rest follows in the next.</summary>
    const int MostAtOnce = 50;
    const int Parallel = 16;

    static readonly Duration Pause = Duration.FromMinutes(1);
    static readonly Duration Soon = Duration.FromSeconds(1);

    /// <summary>A device that has not done what it was asked for is asked again after this.</summary>
    static readonly Duration AskAgainAfter = Duration.FromMinutes(5);

    public async ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken)
    {
        if (message.Schema != HurrySchema)
            return await LookAsync(actor.Tenant, cancellationToken) ? Next(Soon, isHurried: true) : Next(Pause, isHurried: false);
        // A round that is near stays where it is: putting it off with each hurry could put it off for ever.
        return IsHurried(actor.State) ? new ActorTurn { State = actor.State } : Next(Soon, isHurried: true);
    }

    /// <returns>Whether more is to be done at once.</returns>
    async Task<bool> LookAsync(TenantId tenant, CancellationToken stop)
    {
        var open = await sessions.OpenAsync(tenant, stop);
        return await CorrectAsync(tenant, open, stop);
    }

    async Task<bool> CorrectAsync(TenantId tenant, List<OpenSession> open, CancellationToken stop)
    {
        var now = tenants.Now(tenant);
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

    ActorTurn Next(Duration after, bool isHurried) => new()
    {
        State = new Envelope(StateSchema, 1, JsonSerializer.SerializeToUtf8Bytes(new WatchState(isHurried), json.WatchState)),
        WakeUp = new WakeUp(after, new Envelope(RoundSchema, 1, "{}"u8.ToArray())),
    };

    bool IsHurried(Envelope? state) => state is not null && JsonSerializer.Deserialize(state.Json.Span, json.WatchState)?.IsHurried == true;
}

/// <summary>What a watch remembers between two rounds.</summary>
/// <param name="IsHurried">The next round is a matter of a second.</param>
sealed record WatchState(bool IsHurried);
