using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using IspHost.Sdk.Nas;

namespace IspHost.Plugins.Radius.Wire;

/// <summary>Writes one packet into a buffer of <see cref="Packet.MaxLength"/> octets.</summary>
/// <remarks>What does not fit is left out and noted in <see cref="Overflowed"/>: the packet is then not to be sent.</remarks>
ref struct PacketWriter
{
    readonly Span<byte> buffer;
    int length;
    int messageAuthenticatorAt;

    public PacketWriter(Span<byte> buffer, PacketCode code, byte identifier)
    {
        this.buffer = buffer;
        buffer[..Packet.HeaderLength].Clear();
        buffer[0] = (byte)code;
        buffer[1] = identifier;
        length = Packet.HeaderLength;
    }

    public bool Overflowed { get; private set; }

    public void Add(byte type, scoped ReadOnlySpan<byte> value)
    {
        if (!TryReserve(2 + value.Length))
            return;
        buffer[length] = type;
        buffer[length + 1] = (byte)(2 + value.Length);
        value.CopyTo(buffer[(length + 2)..]);
        length += 2 + value.Length;
    }

    public void Add(byte type, uint value)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        Add(type, octets);
    }

    /// <summary>An address of version 4.</summary>
    public void Add(byte type, IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        if (address.TryWriteBytes(octets, out var written) && written == 4)
            Add(type, octets[..4]);
    }

    /// <summary>A prefix as RFC 3162 section 2.3 and RFC 4818 section 3 write it.</summary>
    public void Add(byte type, IPNetwork prefix)
    {
        Span<byte> octets = stackalloc byte[18];
        octets[0] = 0;
        octets[1] = (byte)prefix.PrefixLength;
        if (prefix.BaseAddress.TryWriteBytes(octets[2..], out var written) && written == 16)
            Add(type, octets[..(2 + (prefix.PrefixLength + 7) / 8)]);
    }

    /// <summary>A vendor's attribute, alone in an attribute 26.</summary>
    public void Add(uint vendor, byte type, scoped ReadOnlySpan<byte> value)
    {
        if (!TryReserve(8 + value.Length))
            return;
        buffer[length] = AttributeType.VendorSpecific;
        buffer[length + 1] = (byte)(8 + value.Length);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[(length + 2)..], vendor);
        buffer[length + 6] = type;
        buffer[length + 7] = (byte)(2 + value.Length);
        value.CopyTo(buffer[(length + 8)..]);
        length += 8 + value.Length;
    }

    public void Add(in RadiusAttribute attribute)
    {
        if (attribute.Vendor == 0)
            Add(attribute.Type, attribute.Value.Span);
        else
            Add(attribute.Vendor, attribute.Type, attribute.Value.Span);
    }

    /// <summary>Keeps the place of Message-Authenticator; sealing fills it in.</summary>
    public void AddMessageAuthenticator()
    {
        messageAuthenticatorAt = length + 2;
        Add(AttributeType.MessageAuthenticator, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// <summary>Copies every Proxy-State of the request, in order (RFC 2865 section 5.33).</summary>
    public void AddProxyStates(scoped in Packet request)
    {
        foreach (var attribute in request)
        {
            if (attribute.Type == AttributeType.ProxyState)
                Add(AttributeType.ProxyState, attribute.Value);
        }
    }

    /// <summary>Ends an answer: Message-Authenticator, then Response Authenticator (RFC 2865 section 3).</summary>
    public ReadOnlySpan<byte> SealReply(scoped ReadOnlySpan<byte> requestAuthenticator, scoped ReadOnlySpan<byte> secret)
    {
        requestAuthenticator.CopyTo(buffer[4..]);
        return Seal(secret);
    }

    /// <summary>Ends a CoA-, Disconnect- or Accounting-Request: both are computed over zeros (RFC 5176 section 3.4).</summary>
    public ReadOnlySpan<byte> SealRequest(scoped ReadOnlySpan<byte> secret)
    {
        buffer.Slice(4, 16).Clear();
        return Seal(secret);
    }

    readonly ReadOnlySpan<byte> Seal(scoped ReadOnlySpan<byte> secret)
    {
        var packet = buffer[..length];
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)length);
        if (messageAuthenticatorAt != 0)
            HMACMD5.HashData(secret, packet, packet.Slice(messageAuthenticatorAt, 16));
        Span<byte> digest = stackalloc byte[16];
        Signature.Digest(packet, secret, digest);
        digest.CopyTo(packet[4..]);
        return packet;
    }

    bool TryReserve(int octets)
    {
        if (octets <= 255 && length + octets <= Packet.MaxLength)
            return true;
        Overflowed = true;
        return false;
    }
}
