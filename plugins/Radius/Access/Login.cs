using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace IspHost.Plugins.Radius.Access;

/// <summary>A subscriber who has proven who they are and may come in, on the way to an Access-Accept.</summary>
sealed class Login(Datagram datagram, Packet packet, NasDevice device, ReplySlot slot, Subscriber subscriber, CredentialKind credentials)
{
    public Datagram Datagram { get; } = datagram;

    public Packet Packet { get; } = packet;

    public NasDevice Device { get; } = device;

    public ReplySlot Slot { get; } = slot;

    public Subscriber Subscriber { get; } = subscriber;

    public CredentialKind Credentials { get; } = credentials;

    /// <summary>Names the session that is to begin.</summary>
    public Guid Token { get; } = Guid.NewGuid();

    public bool IsLimited => Subscriber.Profile.SessionLimit > 0;

    public bool NeedsAddress => Subscriber.Addresses is null && Subscriber.Profile.Pool is not null;

    /// <summary>From where the subscriber comes, if the request says so; the device is part of it.</summary>
    public byte[]? Line
        => Packet.TryFind(AttributeType.CallingStationId, out var line) || Packet.TryFind(AttributeType.NasPortId, out line)
            ? [.. Device.Id.Value.ToByteArray(), .. line]
            : null;

    /// <summary>Set once the request has its answer, of either kind.</summary>
    public bool IsAnswered { get; set; }
}
