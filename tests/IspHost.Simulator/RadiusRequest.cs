using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace IspHost.Simulator;

/// <summary>A request to be sent: an Access-Request with PAP and Message-Authenticator, or an Accounting-Request.</summary>
public sealed class RadiusRequest
{
    const byte AccessRequest = 1;
    const byte AccountingRequest = 4;
    const byte UserPassword = 2;
    const byte MessageAuthenticator = 80;
    const int HeaderSize = 20;

    readonly byte code;
    readonly string? password;
    readonly List<(byte Type, byte[] Value)> attributes = [];

    RadiusRequest(byte code, string? password) => (this.code, this.password) = (code, password);

    public static RadiusRequest Access(string password) => new(AccessRequest, password);

    public static RadiusRequest Accounting() => new(AccountingRequest, password: null);

    public RadiusRequest Add(byte type, string value) => Add(type, Encoding.UTF8.GetBytes(value));

    public RadiusRequest Add(byte type, uint value)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        return Add(type, octets);
    }

    public RadiusRequest Add(byte type, byte[] value)
    {
        attributes.Add((type, value));
        return this;
    }

#pragma warning disable CA5351 // RFC 2865 and RFC 2866 prescribe MD5, RFC 3579 HMAC-MD5.
    public byte[] Encode(byte identifier, byte[] secret)
    {
        var authenticator = code == AccessRequest ? RandomNumberGenerator.GetBytes(16) : new byte[16];
        var body = new List<byte>();
        if (password is not null)
        {
            Append(body, MessageAuthenticator, new byte[16]);
            Append(body, UserPassword, Hide(password, authenticator, secret));
        }
        foreach (var (type, value) in attributes)
            Append(body, type, value);

        byte[] packet = [code, identifier, 0, 0, .. authenticator, .. body];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        if (code == AccessRequest)
            HMACMD5.HashData(secret, packet).CopyTo(packet, HeaderSize + 2);
        else
            MD5.HashData([.. packet, .. secret]).CopyTo(packet, 4);
        return packet;
    }

    /// <summary>RFC 2865 section 5.2: each 16 octets are masked by a hash of the secret and what came before.</summary>
    static byte[] Hide(string password, byte[] authenticator, byte[] secret)
    {
        var text = Encoding.UTF8.GetBytes(password);
        var hidden = new byte[Math.Max(1, (text.Length + 15) / 16) * 16];
        text.CopyTo(hidden, 0);
        var before = authenticator;
        for (var block = 0; block < hidden.Length; block += 16)
        {
            var mask = MD5.HashData([.. secret, .. before]);
            for (var i = 0; i < 16; i++)
                hidden[block + i] ^= mask[i];
            before = hidden[block..(block + 16)];
        }
        return hidden;
    }
#pragma warning restore CA5351

    static void Append(List<byte> body, byte type, byte[] value)
    {
        body.Add(type);
        body.Add((byte)(value.Length + 2));
        body.AddRange(value);
    }
}
