using System.Security.Cryptography;
using System.Text.Json;
using IspHost.Plugins.Radius.Sessions;
using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Events;

namespace IspHost.Plugins.Radius.Changes;

/// <summary>Hands orders to the actors of the sessions that they are about.</summary>
sealed class SessionChanges(IActors actors, RadiusJson json)
{
    /// <summary>The type of the actors; the id of one is the id of its session.</summary>
    public const string ActorType = "session-change";

    /// <summary>Returns when the request has been sent once, and its answer has come or its time is over.</summary>
    public Task SendAsync(TenantId tenant, ChangeOrder order, CancellationToken stop)
        => actors.SendAsync(
            tenant, ActorType, order.Session.ToString(),
            new Envelope(SessionChange.OrderSchema, 1, JsonSerializer.SerializeToUtf8Bytes(order, json.ChangeOrder)), stop);

    /// <summary>The identity of the request that one cause leads to for one subject: the same at every repetition.</summary>
    public static Guid RequestId(Guid cause, Guid subject)
    {
        Span<byte> input = stackalloc byte[32], digest = stackalloc byte[32];
        cause.TryWriteBytes(input, bigEndian: true, out _);
        subject.TryWriteBytes(input[16..], bigEndian: true, out _);
        SHA256.HashData(input, digest);
        return new Guid(digest[..16], bigEndian: true);
    }
}

/// <summary>Lets the running sessions of a service follow what it may do now.</summary>
sealed class AccessChangedHandler(LiveSessions sessions, SessionChanges changes) : IEventHandler<AccessChanged>
{
    public async Task<EventOutcome> HandleAsync(EventContext context, AccessChanged happened, CancellationToken cancellationToken)
    {
        var open = await sessions.OfAsync(context.Tenant, happened.Subscription, cancellationToken);
        await Task.WhenAll(open.Select(session => changes.SendAsync(context.Tenant, new ChangeOrder
        {
            Request = SessionChanges.RequestId(context.Id, session.Id),
            Session = session.Id,
            Access = happened.Access,
            Reason = happened.Reason,
            By = "plugin:Radius",
            AsOf = context.At,
        }, cancellationToken)));
        return new EventOutcome.Handled();
    }
}
