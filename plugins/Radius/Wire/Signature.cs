using System.Security.Cryptography;

namespace IspHost.Plugins.Radius.Wire;

/// <summary>What proves that a packet comes from someone who knows the secret.</summary>
static class Signature
{
    static ReadOnlySpan<byte> Zero => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Access-Request and Status-Server: the HMAC is over the packet as it is (RFC 3579 section 3.2).</summary>
    public static bool IsAccessRequestBy(in Packet packet, ReadOnlySpan<byte> secret)
        => HasMessageAuthenticator(packet, packet.Authenticator, secret);

    /// <summary>
    /// Accounting-, CoA- and Disconnect-Request: the authenticator is a digest of all the rest (RFC 2866 section 3, RFC 5176
    /// section 2.3), and a Message-Authenticator is computed with zeros in its place.
    /// </summary>
    public static bool IsHashedRequestBy(in Packet packet, ReadOnlySpan<byte> secret)
        => HasDigest(packet, Zero, secret) && (!packet.HasMessageAuthenticator || HasMessageAuthenticator(packet, Zero, secret));

    /// <summary>An answer to the request with this authenticator.</summary>
    public static bool IsReplyBy(in Packet packet, ReadOnlySpan<byte> requestAuthenticator, ReadOnlySpan<byte> secret)
        => HasDigest(packet, requestAuthenticator, secret)
            && (!packet.HasMessageAuthenticator || HasMessageAuthenticator(packet, requestAuthenticator, secret));

    /// <summary>MD5 over a packet that has in its authenticator field what belongs there, and the secret behind it.</summary>
    public static void Digest(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> secret, Span<byte> digest)
    {
        var length = packet.Length + secret.Length;
        var buffer = length <= 8192 ? stackalloc byte[length] : new byte[length];
        packet.CopyTo(buffer);
        secret.CopyTo(buffer[packet.Length..]);
        MD5.HashData(buffer, digest);
    }

    static bool HasDigest(in Packet packet, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret)
    {
        Span<byte> digest = stackalloc byte[16];
        Span<byte> copy = stackalloc byte[packet.Octets.Length];
        packet.Octets.CopyTo(copy);
        authenticator.CopyTo(copy[4..]);
        Digest(copy, secret, digest);
        return CryptographicOperations.FixedTimeEquals(digest, packet.Authenticator);
    }

    static bool HasMessageAuthenticator(in Packet packet, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret)
    {
        if (!packet.HasMessageAuthenticator)
            return false;
        Span<byte> mac = stackalloc byte[16];
        Span<byte> copy = stackalloc byte[packet.Octets.Length];
        packet.Octets.CopyTo(copy);
        authenticator.CopyTo(copy[4..]);
        copy.Slice(packet.MessageAuthenticatorAt, 16).Clear();
        HMACMD5.HashData(secret, copy, mac);
        return CryptographicOperations.FixedTimeEquals(mac, packet.Octets.Slice(packet.MessageAuthenticatorAt, 16));
    }
}
