using System.Buffers.Binary;

namespace IspHost.Plugins.Radius.Wire;

/// <summary>A datagram that has the shape of a RADIUS packet: a view on its octets, valid as long as they are.</summary>
/// <remarks>Nothing about it is proven yet: see <see cref="Signature"/>.</remarks>
readonly struct Packet
{
    public const int HeaderLength = 20;
    public const int MaxLength = 4096;
    public const int MaxAttributes = 200;

    readonly ReadOnlyMemory<byte> octets;

    Packet(ReadOnlyMemory<byte> octets, int messageAuthenticatorAt)
    {
        this.octets = octets;
        MessageAuthenticatorAt = messageAuthenticatorAt;
    }

    /// <summary>The octets that the Length field counts: what follows them in the datagram is padding.</summary>
    public ReadOnlySpan<byte> Octets => octets.Span;

    public PacketCode Code => (PacketCode)Octets[0];

    public byte Identifier => Octets[1];

    public ReadOnlySpan<byte> Authenticator => Octets.Slice(4, 16);

    /// <summary>Where the value of Message-Authenticator begins; 0 if there is none.</summary>
    public int MessageAuthenticatorAt { get; }

    public bool HasMessageAuthenticator => MessageAuthenticatorAt != 0;

    public AttributeEnumerator GetEnumerator() => new(Octets[HeaderLength..]);

    /// <summary>Checks the rules of RFC 2865 sections 3 and 5 that need no secret.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> datagram, out Packet packet, out DropReason reason)
    {
        packet = default;
        if (datagram.Length < HeaderLength)
            return Fail(DropReason.TooShort, out reason);
        var length = BinaryPrimitives.ReadUInt16BigEndian(datagram.Span[2..]);
        if (length < HeaderLength || length > MaxLength || length > datagram.Length)
            return Fail(DropReason.BadLength, out reason);
        var octets = datagram[..length];
        reason = CheckAttributes(octets.Span, out var messageAuthenticatorAt);
        if (reason != DropReason.None)
            return false;
        packet = new Packet(octets, messageAuthenticatorAt);
        return true;
    }

    /// <summary>The first attribute of this type.</summary>
    public bool TryFind(byte type, out ReadOnlySpan<byte> value)
    {
        foreach (var attribute in this)
        {
            if (attribute.Type == type)
            {
                value = attribute.Value;
                return true;
            }
        }
        value = default;
        return false;
    }

    /// <summary>The first attribute of this type that a vendor has inside attribute 26.</summary>
    /// <remarks>A vendor's attribute that does not add up is as if it were not there (RFC 6929 section 2.8).</remarks>
    public bool TryFind(uint vendor, byte type, out ReadOnlySpan<byte> value)
    {
        foreach (var attribute in this)
        {
            if (attribute.Type == AttributeType.VendorSpecific && TryFindInside(attribute.Value, vendor, type, out value))
                return true;
        }
        value = default;
        return false;
    }

    /// <summary>The first attribute of this type if it is an integer: 32 bits.</summary>
    public uint? Integer(byte type)
        => TryFind(type, out var value) && value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(value) : null;

    public bool Has(byte type) => TryFind(type, out _);

    static bool TryFindInside(ReadOnlySpan<byte> outer, uint vendor, byte type, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (outer.Length < 6 || BinaryPrimitives.ReadUInt32BigEndian(outer) != vendor)
            return false;
        for (var rest = outer[4..]; rest.Length >= 2; rest = rest[rest[1]..])
        {
            if (rest[1] < 2 || rest[1] > rest.Length)
                return false;
            if (rest[0] != type)
                continue;
            value = rest[2..rest[1]];
            return true;
        }
        return false;
    }

    static DropReason CheckAttributes(ReadOnlySpan<byte> octets, out int messageAuthenticatorAt)
    {
        messageAuthenticatorAt = 0;
        var count = 0;
        for (var at = HeaderLength; at < octets.Length; at += octets[at + 1])
        {
            if (at + 2 > octets.Length || octets[at + 1] < 2 || at + octets[at + 1] > octets.Length)
                return DropReason.BadAttribute;
            if (++count > MaxAttributes)
                return DropReason.TooManyAttributes;
            if (octets[at] != AttributeType.MessageAuthenticator)
                continue;
            if (octets[at + 1] != 18 || messageAuthenticatorAt != 0)
                return DropReason.MalformedMessageAuthenticator;
            messageAuthenticatorAt = at + 2;
        }
        return DropReason.None;
    }

    static bool Fail(DropReason why, out DropReason reason)
    {
        reason = why;
        return false;
    }
}

/// <summary>One attribute of a packet.</summary>
readonly ref struct PacketAttribute(byte type, ReadOnlySpan<byte> value)
{
    public byte Type { get; } = type;

    public ReadOnlySpan<byte> Value { get; } = value;
}

/// <summary>Walks over attributes whose lengths have been checked.</summary>
ref struct AttributeEnumerator(ReadOnlySpan<byte> attributes)
{
    ReadOnlySpan<byte> rest = attributes;

    public PacketAttribute Current { get; private set; }

    public bool MoveNext()
    {
        if (rest.IsEmpty)
            return false;
        Current = new PacketAttribute(rest[0], rest[2..rest[1]]);
        rest = rest[rest[1]..];
        return true;
    }
}
