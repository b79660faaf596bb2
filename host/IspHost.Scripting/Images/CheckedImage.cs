using System.Security.Cryptography;
using IspHost.Scripting.Shared;

namespace IspHost.Scripting.Images;

/// <summary>An image that passed the gate.</summary>
/// <param name="Key">The digest of its bytes, by which workers know it.</param>
/// <param name="Members">What the script reads of an item.</param>
/// <param name="Bytes">The image.</param>
sealed record CheckedImage(string Key, ItemMembers Members, ReadOnlyMemory<byte> Bytes)
{
    /// <exception cref="InvalidDataException">The gate refuses it.</exception>
    public static CheckedImage Of(ScriptImage image)
    {
        if (image.Rules != ScriptImage.CurrentRules)
            throw new InvalidDataException("The image was made by other rules; compile the script again.");
        var bytes = image.Bytes.AsMemory();
        if (!ImageFile.TryRead(bytes.Span, out var members, out var assembly))
            throw new InvalidDataException("These bytes are no image of a script.");
        if (ImageGate.Refuse(assembly.ToArray()) is { } reason)
            throw new InvalidDataException(reason);
        return new CheckedImage(Convert.ToHexStringLower(SHA256.HashData(bytes.Span)), members, bytes);
    }
}
