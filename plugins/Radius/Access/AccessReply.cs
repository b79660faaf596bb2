using System.Collections.Immutable;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace IspHost.Plugins.Radius.Access;

/// <summary>Writes the answers to an Access-Request.</summary>
/// <remarks>
/// Message-Authenticator comes first in each: there it protects even clients that do not check it (CVE-2024-3596). Nothing of the
/// request but Proxy-State is repeated.
/// </remarks>
static class AccessReply
{
    /// <summary>Lets the subscriber in.</summary>
    /// <returns>The packet; empty if it would be too long.</returns>
    public static ReadOnlySpan<byte> Accept(
        Login login, AddressAssignment? addresses, ImmutableArray<RadiusAttribute> vendor, Span<byte> buffer)
    {
        var writer = new PacketWriter(buffer, PacketCode.AccessAccept, login.Packet.Identifier);
        writer.AddMessageAuthenticator();
        AddAddresses(ref writer, addresses);
        writer.Add(AttributeType.AcctInterimInterval, InterimSeconds(login.Subscriber.Profile, login.Subscriber.Subscription));
        AddTicket(ref writer, login);
        foreach (var attribute in vendor.IsDefault ? [] : vendor)
        {
            if (!IsOurs(attribute))
                writer.Add(attribute);
        }
        if (login.Credentials == CredentialKind.MsChapV2)
            AddMsChapSuccess(ref writer, login);
        return Seal(ref writer, login.Packet, login.Device);
    }

    /// <summary>Turns the request away.</summary>
    /// <returns>The packet; empty if it would be too long.</returns>
    public static ReadOnlySpan<byte> Reject(scoped in Packet request, NasDevice device, Span<byte> buffer)
    {
        var writer = new PacketWriter(buffer, PacketCode.AccessReject, request.Identifier);
        writer.AddMessageAuthenticator();
        if (request.TryFind(MsChapV2.Vendor, MsChapV2.ResponseType, out var response) && response.Length == MsChapV2.ResponseLength)
            AddMsChapError(ref writer, response[0]);
        return Seal(ref writer, request, device);
    }

    /// <summary>Says that the server is there (RFC 5997 section 3).</summary>
    public static ReadOnlySpan<byte> Alive(PacketCode code, scoped in Packet request, NasDevice device, Span<byte> buffer)
    {
        var writer = new PacketWriter(buffer, code, request.Identifier);
        writer.AddMessageAuthenticator();
        return Seal(ref writer, request, device);
    }

    /// <summary>The profile's interval, moved by up to a tenth so that sessions which began together do not report together.</summary>
    public static uint InterimSeconds(AccessProfile profile, SubscriptionId subscription)
    {
        var interval = Math.Clamp((long)profile.InterimInterval.TotalSeconds, 60, 86_400);
        Span<byte> octets = stackalloc byte[16];
        subscription.Value.TryWriteBytes(octets);
        uint mixed = 2166136261;
        foreach (var octet in octets)
            mixed = (mixed ^ octet) * 16777619;
        var spread = interval / 10;
        return (uint)Math.Max(60, interval - spread + mixed % (2 * spread + 1));
    }

    static void AddAddresses(ref PacketWriter writer, AddressAssignment? addresses)
    {
        if (addresses?.V4 is { } v4)
            writer.Add(AttributeType.FramedIpAddress, v4);
        if (addresses?.V6 is { } v6)
            writer.Add(AttributeType.FramedIpv6Prefix, v6);
        if (addresses?.Delegated is { } delegated)
            writer.Add(AttributeType.DelegatedIpv6Prefix, delegated);
    }

    static void AddTicket(ref PacketWriter writer, Login login)
    {
        Span<byte> ticket = stackalloc byte[SessionTicket.Length];
        new SessionTicket(login.Token, login.Subscriber.Subscription, Grant.Of(login.Subscriber)).Write(login.Device, ticket);
        writer.Add(AttributeType.Class, ticket);
    }

    static void AddMsChapSuccess(ref PacketWriter writer, Login login)
    {
        Span<byte> success = stackalloc byte[1 + MsChapV2.SuccessLength];
        Credentials.WriteMsChapSuccess(login.Packet, login.Subscriber.Password, success);
        writer.Add(MsChapV2.Vendor, MsChapV2.SuccessType, success);
    }

    /// <summary>Authentication failure, and no second try with the same challenge (RFC 2759 section 6).</summary>
    static void AddMsChapError(ref PacketWriter writer, byte identifier)
    {
        ReadOnlySpan<byte> text = "E=691 R=0 C=00000000000000000000000000000000 V=3 M=Access denied"u8;
        Span<byte> value = stackalloc byte[1 + text.Length];
        value[0] = identifier;
        text.CopyTo(value[1..]);
        writer.Add(MsChapV2.Vendor, MsChapV2.ErrorType, value);
    }

    /// <summary>What the protocol needs to be right, an extension does not write.</summary>
    static bool IsOurs(in RadiusAttribute attribute) => attribute is
    {
        Vendor: 0, Type: AttributeType.MessageAuthenticator or AttributeType.ProxyState or AttributeType.Class or AttributeType.State
            or AttributeType.EapMessage or AttributeType.VendorSpecific
    };

    static ReadOnlySpan<byte> Seal(scoped ref PacketWriter writer, scoped in Packet request, NasDevice device)
    {
        writer.AddProxyStates(request);
        return writer.Overflowed ? default : writer.SealReply(request.Authenticator, device.Secret.Span);
    }
}
