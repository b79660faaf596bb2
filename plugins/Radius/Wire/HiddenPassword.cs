using System.Security.Cryptography;

namespace IspHost.Plugins.Radius.Wire;

/// <summary>User-Password as it crosses the wire (RFC 2865 section 5.2).</summary>
static class HiddenPassword
{
    public const int MaxLength = 128;

    /// <summary>Uncovers the password into a buffer of <see cref="MaxLength"/> octets.</summary>
    /// <returns>Its length without the padding, or -1 if the attribute has a length that no password gives.</returns>
    public static int Reveal(
        ReadOnlySpan<byte> hidden, ReadOnlySpan<byte> requestAuthenticator, ReadOnlySpan<byte> secret, Span<byte> password)
    {
        if (hidden.Length is < 16 or > MaxLength || hidden.Length % 16 != 0)
            return -1;
        var input = secret.Length <= 1024 ? stackalloc byte[secret.Length + 16] : new byte[secret.Length + 16];
        Span<byte> pad = stackalloc byte[16];
        secret.CopyTo(input);
        requestAuthenticator.CopyTo(input[secret.Length..]);
        for (var block = 0; block < hidden.Length; block += 16)
        {
            MD5.HashData(input, pad);
            for (var i = 0; i < 16; i++)
                password[block + i] = (byte)(hidden[block + i] ^ pad[i]);
            hidden.Slice(block, 16).CopyTo(input[secret.Length..]);
        }
        return password[..hidden.Length].TrimEnd((byte)0).Length;
    }
}
