using System.Buffers.Binary;
using System.Security.Cryptography;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Nas;

namespace IspHost.Plugins.Radius;

/// <summary>
/// What we put into Class at Access-Accept, and the access server sends back with accounting: which session of which service it
/// is, however often Acct-Session-Id repeats.
/// </summary>
/// <param name="Token">New for each Access-Accept.</param>
/// <param name="Subscription">The service that was let in.</param>
/// <param name="Grant">What it was let in to: see <see cref="Radius.Grant"/>.</param>
/// <remarks>
/// Signed with a key made from the device's secret, so that a subscriber or another device cannot forge one. A device could, but
/// it could forge its accounting as well.
/// </remarks>
readonly record struct SessionTicket(Guid Token, SubscriptionId Subscription, long Grant)
{
    const int Signed = 3 + 16 + 16 + 8;

    public const int Length = Signed + 16;

    static ReadOnlySpan<byte> Mark => "IH2"u8;

    public void Write(NasDevice device, Span<byte> octets)
    {
        Mark.CopyTo(octets);
        Token.TryWriteBytes(octets[3..], bigEndian: true, out _);
        Subscription.Value.TryWriteBytes(octets[19..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(octets[35..], Grant);
        Sign(octets[..Signed], device, octets[Signed..]);
    }

    /// <summary>The ticket among the Class attributes of a request, if one of them is ours and unchanged.</summary>
    public static SessionTicket? Find(in Packet packet, NasDevice device)
    {
        foreach (var attribute in packet)
        {
            if (attribute.Type == AttributeType.Class && attribute.Value.Length == Length && attribute.Value.StartsWith(Mark)
                && IsSigned(attribute.Value, device))
                return new(
                    new Guid(attribute.Value.Slice(3, 16), bigEndian: true),
                    new SubscriptionId(new Guid(attribute.Value.Slice(19, 16), bigEndian: true)),
                    BinaryPrimitives.ReadInt64BigEndian(attribute.Value[35..]));
        }
        return null;
    }

    static bool IsSigned(ReadOnlySpan<byte> octets, NasDevice device)
    {
        Span<byte> signature = stackalloc byte[16];
        Sign(octets[..Signed], device, signature);
        return CryptographicOperations.FixedTimeEquals(signature, octets[Signed..]);
    }

    static void Sign(ReadOnlySpan<byte> content, NasDevice device, Span<byte> signature)
    {
        // The tenant is part of what is signed: two tenants may have chosen the same secret.
        Span<byte> input = stackalloc byte[16 + Signed];
        Span<byte> digest = stackalloc byte[32];
        device.Tenant.Value.TryWriteBytes(input, bigEndian: true, out _);
        content.CopyTo(input[16..]);
        HMACSHA256.HashData(device.Secret.Span, input, digest);
        digest[..16].CopyTo(signature);
    }
}
