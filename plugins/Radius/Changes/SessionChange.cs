using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Sessions;
using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using NodaTime;

namespace IspHost.Plugins.Radius.Changes;

/// <summary>Changes or ends one running session, and asks again until the device answers or the deadline passes.</summary>
/// <remarks>
/// A yes is not the end of a session: its Stop is. Only a device that has no such session ends it here. Silence proves nothing.
/// </remarks>
sealed class SessionChange(
    LiveSessions sessions, ChangeRequests requests, ChangeExchange exchange, INasDevices devices, ISubscribers subscribers,
    Vendors vendors, RadiusSettings settings, RadiusJson json, IClock clock) : IActor
{
    public const string OrderSchema = "radius.change-order";
    public const string AgainSchema = "radius.change-again";
    public const string StateSchema = "radius.change-state";

    const int LongestPauseSeconds = 8;

    /// <summary>News of a plan reaches the memory of a node within a second; the event may have been faster.</summary>
    const int LookAgainSeconds = 3;

    public async ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken)
    {
        var state = actor.State is { } envelope ? JsonSerializer.Deserialize(envelope.Json.Span, json.ChangeState) : null;
        if (message.Schema != OrderSchema)
            return state is null ? Done() : await WakeAsync(actor.Tenant, state, cancellationToken);
        var order = JsonSerializer.Deserialize(message.Json.Span, json.ChangeOrder)
            ?? throw new JsonException("An order to change a session is empty.");
        if (state is null)
            return await BeginAsync(actor.Tenant, order, cancellationToken);
        if (state.Order.Request == order.Request)
            return await GoOnAsync(actor.Tenant, state, cancellationToken);
        return await ReplaceAsync(actor.Tenant, state, order, cancellationToken);
    }

    /// <summary>Two orders for one session: what happened later counts, in whichever order the news arrived.</summary>
    async Task<ActorTurn> ReplaceAsync(TenantId tenant, ChangeState state, ChangeOrder order, CancellationToken stop)
    {
        if (order.AsOf < state.Order.AsOf)
        {
            await requests.FinishAsync(tenant, order, KindFor(order.Access), ChangeOutcome.Superseded, null, 0, stop);
            return await GoOnAsync(tenant, state, stop);
        }
        await requests.FinishAsync(tenant, state.Order, state.Kind, ChangeOutcome.Superseded, null, state.Attempts, stop);
        return await BeginAsync(tenant, order, stop);
    }

    async Task<ActorTurn> BeginAsync(TenantId tenant, ChangeOrder order, CancellationToken stop)
    {
        var session = await sessions.FindAsync(tenant, order.Session, stop);
        if (session is null)
            return Done();
        if (!session.IsOpen)
            return await GiveUpAsync(tenant, order, ChangeOutcome.NoSession, stop);
        if (devices.Find(tenant, session.Key.Nas) is not { } device)
            return await GiveUpAsync(tenant, order, ChangeOutcome.NoDevice, stop);
        var state = Make(tenant, order, session, device, RandomNumberGenerator.GetBytes(1)[0], clock.GetCurrentInstant());
        return await requests.BeginAsync(tenant, order, state.Kind, stop) ? await AttemptAsync(tenant, state, stop) : Done();
    }

    ChangeState Make(TenantId tenant, ChangeOrder order, Session session, NasDevice device, byte identifier, Instant now)
    {
        var change = ChangeFor(tenant, order, session, device);
        var identity = vendors.Identify(device, new SessionIdentity
        {
            AcctSessionId = session.Key.AcctSessionId.ToString(),
            UserName = session.Key.UserName.ToString(),
            FramedAddress = session.FramedAddress,
            PortId = session.PortId,
        });
        return new ChangeState
        {
            Order = order,
            Kind = change is null ? ChangeKind.Disconnect : ChangeKind.Change,
            Nas = device.Id,
            Octets = ChangePacket.Write(device, session, identity, change, identifier, now),
            MadeAt = now,
        };
    }

    /// <summary>Null if the session is to be cut: nothing is allowed any more, or the device cannot change what runs.</summary>
    ImmutableArray<RadiusAttribute>? ChangeFor(TenantId tenant, ChangeOrder order, Session session, NasDevice device)
    {
        if (order.Cut || order.Access == AccessMode.Blocked || session.Subscription is not { } subscription)
            return null;
        return subscribers.Find(tenant, subscription) is { } subscriber
            ? vendors.Change(device, subscriber.Profile, order.Access)
            : null;
    }

    async Task<ActorTurn> AttemptAsync(TenantId tenant, ChangeState state, CancellationToken stop)
    {
        if (devices.Find(tenant, state.Nas) is not { } device)
            return await FinishAsync(tenant, state, ChangeOutcome.NoDevice, null, stop);
        var (answer, port) = await exchange.AskAsync(device, state.Octets, state.Port, stop);
        state = state with { Attempts = state.Attempts + 1, Port = port };
        return answer switch
        {
            null => await AgainAsync(tenant, state, stop),
            { IsAck: true } => await AcknowledgedAsync(tenant, state, stop),
            { ErrorCause: var cause } => await RefusedAsync(tenant, state, cause, stop),
        };
    }

    Task<ActorTurn> WakeAsync(TenantId tenant, ChangeState state, CancellationToken stop)
        => state.IsAcknowledged ? LookAgainAsync(tenant, state, stop) : AttemptAsync(tenant, state, stop);

    async Task<ActorTurn> GoOnAsync(TenantId tenant, ChangeState state, CancellationToken stop)
        => state.IsAcknowledged ? Later(state, LookAgainSeconds) : await AttemptAsync(tenant, state, stop);

    async Task<ActorTurn> AcknowledgedAsync(TenantId tenant, ChangeState state, CancellationToken stop)
    {
        var turn = await FinishAsync(tenant, state, ChangeOutcome.Acknowledged, null, stop);
        return state.Kind == ChangeKind.Disconnect ? turn : Later(state with { IsAcknowledged = true }, LookAgainSeconds);
    }

    /// <summary>Changes the session once more if what was sent is not what would be sent now.</summary>
    async Task<ActorTurn> LookAgainAsync(TenantId tenant, ChangeState state, CancellationToken stop)
    {
        if (await sessions.FindAsync(tenant, state.Order.Session, stop) is not { IsOpen: true } session
            || devices.Find(tenant, state.Nas) is not { } device)
            return Done();
        var now = Make(tenant, state.Order, session, device, state.Octets[1], state.MadeAt);
        return now.Octets.AsSpan().SequenceEqual(state.Octets)
            ? Done()
            : await BeginAsync(
                tenant, state.Order with { Request = SessionChanges.RequestId(state.Order.Request, state.Order.Request) }, stop);
    }

    async Task<ActorTurn> RefusedAsync(TenantId tenant, ChangeState state, int? cause, CancellationToken stop)
    {
        var turn = await FinishAsync(tenant, state, ChangeOutcome.Refused, cause, stop);
        if (state.Kind == ChangeKind.Disconnect || cause == ChangeRequests.SessionNotFound)
            return turn;
        // What the device will not change it may still end; the session then begins anew with what it may do now.
        var cut = state.Order with { Request = SessionChanges.RequestId(state.Order.Request, state.Order.Session), Cut = true };
        return await BeginAsync(tenant, cut, stop);
    }

    async Task<ActorTurn> AgainAsync(TenantId tenant, ChangeState state, CancellationToken stop)
    {
        if (clock.GetCurrentInstant() >= state.MadeAt + settings.ChangeDeadline)
            return await FinishAsync(tenant, state, ChangeOutcome.NoAnswer, null, stop);
        return Later(state, Math.Min(1 << Math.Min(state.Attempts - 1, 10), LongestPauseSeconds));
    }

    ActorTurn Later(ChangeState state, int seconds) => new()
    {
        State = new Envelope(StateSchema, 1, JsonSerializer.SerializeToUtf8Bytes(state, json.ChangeState)),
        WakeUp = new WakeUp(Duration.FromSeconds(seconds), new Envelope(AgainSchema, 1, "{}"u8.ToArray())),
    };

    async Task<ActorTurn> FinishAsync(TenantId tenant, ChangeState state, ChangeOutcome outcome, int? cause, CancellationToken stop)
    {
        await requests.FinishAsync(tenant, state.Order, state.Kind, outcome, cause, state.Attempts, stop);
        return Done();
    }

    async Task<ActorTurn> GiveUpAsync(TenantId tenant, ChangeOrder order, ChangeOutcome outcome, CancellationToken stop)
    {
        await requests.FinishAsync(tenant, order, KindFor(order.Access), outcome, null, 0, stop);
        return Done();
    }

    static ChangeKind KindFor(AccessMode access) => access == AccessMode.Blocked ? ChangeKind.Disconnect : ChangeKind.Change;

    static ActorTurn Done() => new();
}
