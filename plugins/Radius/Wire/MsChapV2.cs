using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace IspHost.Plugins.Radius.Wire;

/// <summary>MS-CHAPv2 (RFC 2759), as the attributes of RFC 2548 carry it.</summary>
static class MsChapV2
{
    public const uint Vendor = 311;
    public const byte ErrorType = 2;
    public const byte ChallengeType = 11;
    public const byte SendKeyType = 16;
    public const byte ReceiveKeyType = 17;
    public const byte ResponseType = 25;
    public const byte SuccessType = 26;

    public const int ChallengeLength = 16;
    public const int ResponseLength = 50;
    public const int SuccessLength = 42;

    /// <summary>MD4 over the password in UTF-16 (RFC 2759 section 8.3).</summary>
    public static void PasswordHash(string password, Span<byte> hash)
    {
        if (BitConverter.IsLittleEndian)
            Md4.Hash(MemoryMarshal.AsBytes(password.AsSpan()), hash);
        else
            Md4.Hash(Encoding.Unicode.GetBytes(password), hash);
    }

    /// <summary>The 24 octets with which the peer proves that it knows the password (RFC 2759 section 8.1).</summary>
    public static void Response(
        ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> userName, ReadOnlySpan<byte> passwordHash,
        Span<byte> response)
    {
        Span<byte> mixed = stackalloc byte[8];
        Mix(challenge, peerChallenge, userName, mixed);
        Span<byte> keys = stackalloc byte[21];
        keys.Clear();
        passwordHash.CopyTo(keys);
        for (var i = 0; i < 3; i++)
            Des.Encrypt(keys.Slice(i * 7, 7), mixed, response.Slice(i * 8, 8));
    }

    /// <summary>With which we prove the same to the peer: "S=" and 40 hexadecimal digits (RFC 2759 section 8.7).</summary>
    public static void Success(
        ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> userName, ReadOnlySpan<byte> passwordHash,
        ReadOnlySpan<byte> response, Span<byte> success)
    {
        Span<byte> input = stackalloc byte[128];
        Span<byte> digest = stackalloc byte[20];
        Md4.Hash(passwordHash, input);
        response.CopyTo(input[16..]);
        "Magic server to client signing constant"u8.CopyTo(input[40..]);
        SHA1.HashData(input[..79], digest);

        digest.CopyTo(input);
        Mix(challenge, peerChallenge, userName, input[20..28]);
        "Pad to make it do more than one iteration"u8.CopyTo(input[28..]);
        SHA1.HashData(input[..69], digest);

        "S="u8.CopyTo(success);
        for (var i = 0; i < 20; i++)
        {
            success[2 + 2 * i] = Digit(digest[i] >> 4);
            success[3 + 2 * i] = Digit(digest[i] & 0xf);
        }
    }

    /// <summary>The challenge of 8 octets that both sides' challenges and the name make (RFC 2759 section 8.2).</summary>
    /// <remarks>A domain in front of the name is not part of it.</remarks>
    public static void Mix(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> userName, Span<byte> mixed)
    {
        var name = userName[(userName.LastIndexOf((byte)'\\') + 1)..];
        Span<byte> input = stackalloc byte[32 + name.Length];
        Span<byte> digest = stackalloc byte[20];
        peerChallenge.CopyTo(input);
        challenge.CopyTo(input[16..]);
        name.CopyTo(input[32..]);
        SHA1.HashData(input, digest);
        digest[..8].CopyTo(mixed);
    }

    static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'A' - 10 + value);
}
