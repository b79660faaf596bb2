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
/// What the session gets is what the database says its service may have when the request is made: the news that led to it may be
/// older, and the memory of this node older still.
/// </remarks>
sealed class SessionChange(
    LiveSessions sessions, ChangeRequests requests, ChangeExchange exchange, INasDevices devices, ISubscribers subscribers,
    Vendors vendors, RadiusSettings settings, RadiusJson json, IClock clock) : IActor
{
    public const string OrderSchema = "radius.change-order";
    public const string AgainSchema = "radius.change-again";
    public const string StateSchema = "radius.change-state";

    const int LongestPauseSeconds = 8;

    public async ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken)
    {
        var state = actor.State is { } envelope ? JsonSerializer.Deserialize(envelope.Json.Span, json.ChangeState) : null;
        if (message.Schema != OrderSchema)
            return state is null ? Done() : await AttemptAsync(actor.Tenant, state, cancellationToken);
        var order = JsonSerializer.Deserialize(message.Json.Span, json.ChangeOrder)
            ?? throw new JsonException("An order to change a session is empty.");
        if (state is null)
            return await BeginAsync(actor.Tenant, order, isAlone: true, cancellationToken);
        if (state.Order.Request == order.Request)
            return await AttemptAsync(actor.Tenant, state, cancellationToken);
        return await ReplaceAsync(actor.Tenant, state, order, cancellationToken);
    }

    /// <summary>Two orders for one session: what happened later counts, in whichever order the news arrived.</summary>
    async Task<ActorTurn> ReplaceAsync(TenantId tenant, ChangeState state, ChangeOrder order, CancellationToken stop)
    {
        if (order.AsOf < state.Order.AsOf)
        {
            await requests.FinishAsync(tenant, order, KindFor(order.Access), ChangeOutcome.Superseded, null, 0, stop);
            return await AttemptAsync(tenant, state, stop);
        }
        await requests.FinishAsync(tenant, state.Order, state.Kind, ChangeOutcome.Superseded, null, state.Attempts, stop);
        return await BeginAsync(tenant, order, isAlone: false, stop);
    }

    /// <param name="tenant">Whose session.</param>
    /// <param name="order">What to do.</param>
    /// <param name="isAlone">No other request is out: the session surely has what it was last given.</param>
    /// <param name="stop">Ends the turn.</param>
    async Task<ActorTurn> BeginAsync(TenantId tenant, ChangeOrder order, bool isAlone, CancellationToken stop)
    {
        var session = await sessions.FindAsync(tenant, order.Session, stop);
        if (session is null)
            return Done();
        if (!session.IsOpen)
            return await GiveUpAsync(tenant, order, ChangeOutcome.NoSession, stop);
        if (devices.Find(tenant, session.Key.Nas) is not { } device)
            return await GiveUpAsync(tenant, order, ChangeOutcome.NoDevice, stop);
        var subscriber = session.Subscription is { } id && !order.Cut ? await subscribers.ReadAsync(tenant, id, stop) : null;
        if (!order.Cut)
            order = order with { Access = subscriber?.Access ?? AccessMode.Blocked, Grant = Grant.Of(subscriber) };
        if (isAlone && !order.Cut && session.Granted == order.Grant)
            return Done();
        var state = Make(order, session, subscriber, device);
        return await requests.BeginAsync(tenant, order, state.Kind, stop) ? await AttemptAsync(tenant, state, stop) : Done();
    }

    ChangeState Make(ChangeOrder order, Session session, Subscriber? subscriber, NasDevice device)
    {
        var now = clock.GetCurrentInstant();
        var change = ChangeFor(subscriber, device);
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
            Octets = ChangePacket.Write(device, session, identity, change, RandomNumberGenerator.GetBytes(1)[0], now),
            MadeAt = now,
        };
    }

    /// <summary>Null if the session is to be cut: nothing is allowed any more, or the device cannot change what runs.</summary>
    ImmutableArray<RadiusAttribute>? ChangeFor(Subscriber? subscriber, NasDevice device)
        => subscriber is null or { Access: AccessMode.Blocked }
            ? null
            : vendors.Change(device, subscriber.Profile, subscriber.Access);

    async Task<ActorTurn> AttemptAsync(TenantId tenant, ChangeState state, CancellationToken stop)
    {
        if (devices.Find(tenant, state.Nas) is not { } device)
            return await FinishAsync(tenant, state, ChangeOutcome.NoDevice, null, stop);
        var (answer, port) = await exchange.AskAsync(device, state.Octets, state.Port, stop);
        state = state with { Attempts = state.Attempts + 1, Port = port };
        return answer switch
        {
            null => await AgainAsync(tenant, state, stop),
            { IsAck: true } => await FinishAsync(tenant, state, ChangeOutcome.Acknowledged, null, stop),
            { ErrorCause: var cause } => await RefusedAsync(tenant, state, cause, stop),
        };
    }

    async Task<ActorTurn> RefusedAsync(TenantId tenant, ChangeState state, int? cause, CancellationToken stop)
    {
        var turn = await FinishAsync(tenant, state, ChangeOutcome.Refused, cause, stop);
        if (state.Kind == ChangeKind.Disconnect || cause == ChangeRequests.SessionNotFound)
            return turn;
        // What the device will not change it may still end; the session then begins anew with what it may do now.
        var cut = state.Order with { Request = SessionChanges.RequestId(state.Order.Request, state.Order.Session), Cut = true };
        return await BeginAsync(tenant, cut, isAlone: false, stop);
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
