using System.Security.Cryptography;
using System.Text;
using IspHost.Sdk;

namespace IspHost.Core.Secrets;

/// <summary>Encrypts what must be stored but not be read in a dump: NAS secrets and subscribers' passwords.</summary>
/// <remarks>
/// AES-256-GCM with a random nonce. The tenant is authenticated with the text, so a row copied to another tenant does not open.
/// Layout: one octet for the format, 12 of nonce, 16 of tag, the cipher text.
/// </remarks>
/// <param name="key">32 octets.</param>
public sealed class Vault(byte[] key)
{
    const byte Format = 1;
    const int NonceSize = 12;
    const int TagSize = 16;
    const int HeaderSize = 1 + NonceSize + TagSize;

    /// <summary>Encrypts a text for a tenant.</summary>
    public byte[] Seal(TenantId tenant, string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var sealedText = new byte[HeaderSize + plain.Length];
        sealedText[0] = Format;
        RandomNumberGenerator.Fill(sealedText.AsSpan(1, NonceSize));
        // One object may not be used by two threads, and making one costs a microsecond.
        using var cipher = new AesGcm(key, TagSize);
        cipher.Encrypt(
            sealedText.AsSpan(1, NonceSize), plain, sealedText.AsSpan(HeaderSize), sealedText.AsSpan(1 + NonceSize, TagSize),
            tenant.Value.ToByteArray());
        return sealedText;
    }

    /// <summary>Decrypts what <see cref="Seal"/> made.</summary>
    /// <exception cref="CryptographicException">It was made with another key, for another tenant, or has been changed.</exception>
    public byte[] OpenBytes(TenantId tenant, ReadOnlySpan<byte> sealedText)
    {
        if (sealedText.Length < HeaderSize || sealedText[0] != Format)
            throw new CryptographicException("Not something that this vault has sealed.");
        var plain = new byte[sealedText.Length - HeaderSize];
        using var cipher = new AesGcm(key, TagSize);
        cipher.Decrypt(
            sealedText.Slice(1, NonceSize), sealedText[HeaderSize..], sealedText.Slice(1 + NonceSize, TagSize), plain,
            tenant.Value.ToByteArray());
        return plain;
    }

    /// <summary>Decrypts a text.</summary>
    /// <exception cref="CryptographicException">It was made with another key, for another tenant, or has been changed.</exception>
    public string Open(TenantId tenant, ReadOnlySpan<byte> sealedText) => Encoding.UTF8.GetString(OpenBytes(tenant, sealedText));
}
