using System.Collections.Immutable;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk.Nas;
using NodaTime;

namespace IspHost.Plugins.Radius.Changes;

/// <summary>Writes a CoA- or Disconnect-Request (RFC 5176 section 3).</summary>
static class ChangePacket
{
    /// <param name="device">Who is to do it.</param>
    /// <param name="session">The session; it is named as the device named it.</param>
    /// <param name="identity">What the vendor finds a session by; null for User-Name and Acct-Session-Id.</param>
    /// <param name="change">The new profile; null to disconnect, for which nothing but the identity is allowed.</param>
    /// <param name="identifier">Any, since each request has a port of its own.</param>
    /// <param name="now">The real time: devices take a request for a replay that is more than five minutes off.</param>
    public static byte[] Write(
        NasDevice device, Session session, ImmutableArray<RadiusAttribute>? identity, ImmutableArray<RadiusAttribute>? change,
        byte identifier, Instant now)
    {
        Span<byte> buffer = stackalloc byte[Packet.MaxLength];
        var writer = new PacketWriter(buffer, change is null ? PacketCode.DisconnectRequest : PacketCode.CoaRequest, identifier);
        writer.AddMessageAuthenticator();
        if (session.NasAddress is { } address)
            writer.Add(AttributeType.NasIpAddress, address);
        if (session.NasIdentifier is { Length: > 0 } name)
            writer.Add(RadiusAttribute.Text(AttributeType.NasIdentifier, name));
        writer.Add(AttributeType.EventTimestamp, (uint)now.ToUnixTimeSeconds());
        AddIdentity(ref writer, session, identity);
        foreach (var attribute in change ?? [])
            writer.Add(attribute);
        return writer.SealRequest(device.Secret.Span).ToArray();
    }

    static void AddIdentity(ref PacketWriter writer, Session session, ImmutableArray<RadiusAttribute>? identity)
    {
        if (identity is { IsDefaultOrEmpty: false } attributes)
        {
            foreach (var attribute in attributes)
                writer.Add(attribute);
            return;
        }
        writer.Add(AttributeType.UserName, session.Key.UserName.Octets);
        writer.Add(AttributeType.AcctSessionId, session.Key.AcctSessionId.Octets);
    }
}
