using System.Security.Cryptography;
using System.Text;
using IspHost.Plugins.Radius.Wire;

namespace IspHost.Plugins.Radius.Access;

/// <summary>How a request tries to prove who asks.</summary>
enum CredentialKind
{
    /// <summary>Not at all, or with an attribute of a size that cannot be right.</summary>
    None,
    Pap,
    Chap,
    MsChapV2,

    /// <summary>By EAP, which is not offered here.</summary>
    Eap,

    /// <summary>In more than one way, which no honest client does (RFC 2865 section 4.1).</summary>
    Several,
}

/// <summary>Checks the credentials of an Access-Request against a password.</summary>
static class Credentials
{
    public static CredentialKind KindOf(in Packet packet)
    {
        var kind = CredentialKind.None;
        var proofs = 0;
        foreach (var attribute in packet)
        {
            var found = attribute.Type switch
            {
                AttributeType.UserPassword => CredentialKind.Pap,
                AttributeType.ChapPassword => CredentialKind.Chap,
                AttributeType.EapMessage => CredentialKind.Eap,
                _ => CredentialKind.None,
            };
            // An EAP message may take several attributes; the others come once.
            if (found == CredentialKind.None || (found == CredentialKind.Eap && kind == CredentialKind.Eap))
                continue;
            kind = found;
            proofs++;
        }
        if (packet.TryFind(MsChapV2.Vendor, MsChapV2.ResponseType, out _))
        {
            kind = CredentialKind.MsChapV2;
            proofs++;
        }
        return proofs > 1 ? CredentialKind.Several : kind;
    }

    /// <summary>Whether the request knows the password. Takes as long for a wrong password as for a right one.</summary>
    public static bool AreRight(in Packet packet, CredentialKind kind, string password, ReadOnlySpan<byte> secret) => kind switch
    {
        CredentialKind.Pap => IsPapRight(packet, password, secret),
        CredentialKind.Chap => IsChapRight(packet, password),
        CredentialKind.MsChapV2 => IsMsChapRight(packet, password),
        _ => false,
    };

    /// <summary>The value of MS-CHAP2-Success for a request whose credentials are right: identifier and proof.</summary>
    public static void WriteMsChapSuccess(in Packet packet, string password, Span<byte> success)
    {
        if (!TryReadMsChap(packet, out var challenge, out var response, out var userName))
            return;
        Span<byte> hash = stackalloc byte[16];
        MsChapV2.PasswordHash(password, hash);
        success[0] = response[0];
        MsChapV2.Success(challenge, response.Slice(2, 16), userName, hash, response[26..], success[1..]);
    }

    static bool IsPapRight(in Packet packet, string password, ReadOnlySpan<byte> secret)
    {
        if (!packet.TryFind(AttributeType.UserPassword, out var hidden))
            return false;
        Span<byte> sent = stackalloc byte[HiddenPassword.MaxLength];
        var length = HiddenPassword.Reveal(hidden, packet.Authenticator, secret, sent);
        var known = Encoding.UTF8.GetByteCount(password) <= 512 ? stackalloc byte[512] : new byte[Encoding.UTF8.GetByteCount(password)];
        known = known[..Encoding.UTF8.GetBytes(password, known)];
        return length >= 0 && CryptographicOperations.FixedTimeEquals(sent[..length], known);
    }

    static bool IsChapRight(in Packet packet, string password)
    {
        if (!packet.TryFind(AttributeType.ChapPassword, out var sent) || sent.Length != 17)
            return false;
        var challenge = packet.TryFind(AttributeType.ChapChallenge, out var own) ? own : packet.Authenticator;
        var length = 1 + Encoding.UTF8.GetByteCount(password) + challenge.Length;
        var input = length <= 1024 ? stackalloc byte[length] : new byte[length];
        input[0] = sent[0];
        var at = 1 + Encoding.UTF8.GetBytes(password, input[1..]);
        challenge.CopyTo(input[at..]);
        Span<byte> digest = stackalloc byte[16];
        MD5.HashData(input, digest);
        return CryptographicOperations.FixedTimeEquals(digest, sent[1..]);
    }

    static bool IsMsChapRight(in Packet packet, string password)
    {
        if (!TryReadMsChap(packet, out var challenge, out var response, out var userName))
            return false;
        Span<byte> hash = stackalloc byte[16];
        Span<byte> expected = stackalloc byte[24];
        MsChapV2.PasswordHash(password, hash);
        MsChapV2.Response(challenge, response.Slice(2, 16), userName, hash, expected);
        return CryptographicOperations.FixedTimeEquals(expected, response[26..]);
    }

    static bool TryReadMsChap(
        in Packet packet, out ReadOnlySpan<byte> challenge, out ReadOnlySpan<byte> response, out ReadOnlySpan<byte> userName)
    {
        response = default;
        userName = default;
        return packet.TryFind(MsChapV2.Vendor, MsChapV2.ChallengeType, out challenge) && challenge.Length == MsChapV2.ChallengeLength
            && packet.TryFind(MsChapV2.Vendor, MsChapV2.ResponseType, out response) && response.Length == MsChapV2.ResponseLength
            && packet.TryFind(AttributeType.UserName, out userName);
    }
}
