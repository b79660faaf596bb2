using System.Buffers.Binary;
using IspHost.Sdk.Subscribers;

namespace IspHost.Plugins.Radius;

/// <summary>What a session has been given, as a number: the same access has the same number, another hardly ever.</summary>
/// <remarks>
/// It goes into Class at Access-Accept and from there into the session's row, so that a session let in by a memory that was behind
/// can be told from one that has what holds now. It is computed alike on every node and by every version of this plugin.
/// </remarks>
static class Grant
{
    /// <summary>No access at all.</summary>
    public const long Nothing = 0;

    public static long Of(Subscriber? subscriber)
    {
        if (subscriber is null or { Access: AccessMode.Blocked })
            return Nothing;
        Span<byte> facts = stackalloc byte[25];
        facts[0] = (byte)subscriber.Access;
        BinaryPrimitives.WriteInt64BigEndian(facts[1..], subscriber.Profile.Up.BitsPerSecond);
        BinaryPrimitives.WriteInt64BigEndian(facts[9..], subscriber.Profile.Down.BitsPerSecond);
        BinaryPrimitives.WriteInt64BigEndian(facts[17..], subscriber.Profile.Throttled.BitsPerSecond);
        return Fingerprint(facts);
    }

    /// <summary>Whether a session that was given this has something else than what the service may have now.</summary>
    /// <param name="granted">Null if nobody knows: the device does not send Class back. Then only no access is surely other.</param>
    /// <param name="now">What the service may have.</param>
    public static bool IsOutdated(long? granted, long now) => granted is { } known ? known != now : now == Nothing;

    /// <summary>FNV-1a, and never the number for no access.</summary>
    static long Fingerprint(ReadOnlySpan<byte> facts)
    {
        var mixed = 14695981039346656037;
        foreach (var octet in facts)
            mixed = (mixed ^ octet) * 1099511628211;
        return mixed == 0 ? 1 : (long)mixed;
    }
}
