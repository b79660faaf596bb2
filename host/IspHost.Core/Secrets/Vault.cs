using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace IspHost.Core.Secrets;

/// <summary>Encrypts what is stored and not for a reader of a dump: NAS secrets, subscribers' passwords, files with passwords.</summary>
/// <remarks>
/// AES-256-GCM with a random nonce; tenant, row and column are authenticated with the text. Layout: one octet for the format, 2; the
/// key's number in four; 12 of nonce; 16 of tag; the ciphertext. Format 1, which is still read, has no number and belongs to key 1;
/// with it only the tenant is authenticated.
/// </remarks>
public sealed class Vault(VaultKeys keys)
{
    const byte OneKey = 1;
    const byte Numbered = 2;
    const int NumberSize = 4;
    const int NonceSize = 12;
    const int TagSize = 16;

    /// <summary>Encrypts a text for its place, with the current key.</summary>
    public byte[] Seal(SealedPlace place, string text) => Seal(place, Encoding.UTF8.GetBytes(text));

    /// <summary>Decrypts what <see cref="Seal(SealedPlace, string)"/> made.</summary>
    /// <exception cref="CryptographicException">It belongs to another place, has been changed, or its key is not at hand.</exception>
    public byte[] OpenBytes(SealedPlace place, ReadOnlySpan<byte> sealedText) => sealedText switch
    {
        [OneKey, .. var rest] => Open(keys.Find(1), place.Tenant.Value.ToByteArray(), rest),
        [Numbered, _, _, _, _, .. var rest] => Open(
            keys.Find(BinaryPrimitives.ReadInt32BigEndian(sealedText[1..])), place.Text, rest),
        _ => throw NotSealed(),
    };

    /// <summary>Decrypts a text.</summary>
    /// <exception cref="CryptographicException">It belongs to another place, has been changed, or its key is not at hand.</exception>
    public string Open(SealedPlace place, ReadOnlySpan<byte> sealedText) => Encoding.UTF8.GetString(OpenBytes(place, sealedText));

    internal byte[] Seal(SealedPlace place, ReadOnlySpan<byte> plain)
    {
        const int Header = 1 + NumberSize;
        var key = keys.CurrentKey(out var number);
        var sealedText = new byte[Header + NonceSize + TagSize + plain.Length];
        sealedText[0] = Numbered;
        BinaryPrimitives.WriteInt32BigEndian(sealedText.AsSpan(1), number);
        var nonce = sealedText.AsSpan(Header, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        // One object may not be used by two threads, and making one costs a microsecond.
        using var cipher = new AesGcm(key, TagSize);
        cipher.Encrypt(
            nonce, plain, sealedText.AsSpan(Header + NonceSize + TagSize), sealedText.AsSpan(Header + NonceSize, TagSize), place.Text);
        return sealedText;
    }

    static byte[] Open(byte[] key, byte[] place, ReadOnlySpan<byte> rest)
    {
        if (rest.Length < NonceSize + TagSize)
            throw NotSealed();
        var plain = new byte[rest.Length - NonceSize - TagSize];
        using var cipher = new AesGcm(key, TagSize);
        cipher.Decrypt(rest[..NonceSize], rest[(NonceSize + TagSize)..], rest.Slice(NonceSize, TagSize), plain, place);
        return plain;
    }

    static CryptographicException NotSealed() => new("Not something that this vault has sealed.");
}
