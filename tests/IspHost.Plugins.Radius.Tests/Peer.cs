using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using IspHost.Plugins.Radius.Wire;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>Builds requests as an access server does, and checks answers as it should.</summary>
sealed class Peer(byte code, byte identifier = 7)
{
    readonly List<byte> attributes = [];
    byte[] authenticator = RandomNumberGenerator.GetBytes(16);

    public const string Secret = "testing123";

    public Peer Attribute(byte type, params byte[] value)
    {
        attributes.AddRange([type, (byte)(value.Length + 2), .. value]);
        return this;
    }

    public Peer Text(byte type, string value) => Attribute(type, Encoding.UTF8.GetBytes(value));

    public Peer Integer(byte type, uint value)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        return Attribute(type, octets);
    }

    public Peer Vendor(uint vendor, byte type, params byte[] value)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, vendor);
        return Attribute(26, [.. octets, type, (byte)(value.Length + 2), .. value]);
    }

    /// <summary>Octets as they are, whether or not they make an attribute.</summary>
    public Peer Raw(params byte[] octets)
    {
        attributes.AddRange(octets);
        return this;
    }

    public Peer WithAuthenticator(string hex)
    {
        authenticator = Convert.FromHexString(hex);
        return this;
    }

    /// <summary>User-Password, hidden as RFC 2865 section 5.2 says.</summary>
    public Peer Password(string password, string secret = Secret)
    {
        var clear = Encoding.UTF8.GetBytes(password);
        var hidden = new byte[Math.Max(16, (clear.Length + 15) / 16 * 16)];
        clear.CopyTo(hidden, 0);
        var previous = authenticator;
        for (var at = 0; at < hidden.Length; at += 16)
        {
            var pad = MD5.HashData([.. Encoding.UTF8.GetBytes(secret), .. previous]);
            for (var i = 0; i < 16; i++)
                hidden[at + i] ^= pad[i];
            previous = hidden[at..(at + 16)];
        }
        return Attribute(2, hidden);
    }

    public Peer Chap(string password, byte identifier = 3, string? challenge = null)
    {
        var octets = challenge is null ? authenticator : Convert.FromHexString(challenge);
        Attribute(3, [identifier, .. MD5.HashData([identifier, .. Encoding.UTF8.GetBytes(password), .. octets])]);
        return challenge is null ? this : Attribute(60, octets);
    }

    /// <summary>The packet of an Access-Request or Status-Server.</summary>
    public byte[] ToAccess(string secret = Secret, bool sign = true)
    {
        var place = attributes.Count;
        if (sign)
            Attribute(80, new byte[16]);
        var packet = Assemble();
        if (sign)
            HMACMD5.HashData(Encoding.UTF8.GetBytes(secret), packet).CopyTo(packet, 20 + place + 2);
        return packet;
    }

    /// <summary>The packet of an Accounting-Request.</summary>
    public byte[] ToAccounting(string secret = Secret, bool sign = false)
    {
        authenticator = new byte[16];
        var packet = ToAccess(secret, sign);
        MD5.HashData([.. packet, .. Encoding.UTF8.GetBytes(secret)]).CopyTo(packet, 4);
        return packet;
    }

    /// <summary>An answer, which is proven to belong to the request.</summary>
    public static Packet Checked(byte[] reply, byte[] request, string secret = Secret)
    {
        Assert.True(Packet.TryParse(reply, out var packet, out var reason), $"The answer is malformed: {reason}.");
        Assert.Equal(request[1], packet.Identifier);
        Assert.True(Signature.IsReplyBy(packet, request.AsSpan(4, 16), Encoding.UTF8.GetBytes(secret)), "The answer is signed wrongly.");
        return packet;
    }

    byte[] Assemble()
    {
        var length = 20 + attributes.Count;
        return [code, identifier, (byte)(length >> 8), (byte)length, .. authenticator, .. attributes];
    }
}
