using IspHost.Plugins.Radius.Wire;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>A counter as a record reports it: octets since the session began.</summary>
/// <param name="Octets">With Gigawords in the upper half.</param>
/// <param name="HasGigawords">The record counted how often the lower 32 bits have wrapped.</param>
readonly record struct Reading(ulong Octets, bool HasGigawords)
{
    /// <summary>RFC 2866 section 5.3, RFC 2869 section 5.1.</summary>
    public static Reading? Of(in Packet packet, byte octetsType, byte gigawordsType)
    {
        if (packet.Integer(octetsType) is not { } octets)
            return null;
        var gigawords = packet.Integer(gigawordsType);
        return new(((ulong)(gigawords ?? 0) << 32) | octets, gigawords is not null);
    }
}

/// <summary>How a record's session time compares to the longest one seen.</summary>
enum Age
{
    /// <summary>It is the same, or not known.</summary>
    Same,
    Older,
    Newer,
}

/// <summary>What a session has used in one direction: the most that any record has said.</summary>
/// <param name="Octets">Never falls.</param>
/// <param name="HasGigawords">The device counts its wraps, so a fall is no wrap.</param>
/// <param name="IsSuspect">A record said something that cannot be: what it said was not counted, and a person should look.</param>
readonly record struct Counter(long Octets, bool HasGigawords, bool IsSuspect)
{
    const long Wrap = 1L << 32;

    /// <summary>An exbibyte: 400 Gbit/s take most of a year for it. A device that reports more is broken.</summary>
    const ulong Impossible = 1UL << 60;

    public Counter Apply(Reading? reading, Age age)
    {
        if (reading is not { } read)
            return this;
        if (read.Octets >= Impossible)
            return this with { IsSuspect = true };
        var counter = this with { HasGigawords = HasGigawords || read.HasGigawords };
        var octets = (long)read.Octets;
        return octets >= Octets ? counter.Grow(octets, age) : counter.Fall(octets, age);
    }

    /// <summary>
    /// A record from before the newest one says more than that one did: without Gigawords, the counter wrapped between the two.
    /// </summary>
    Counter Grow(long octets, Age age)
        => age == Age.Older && !HasGigawords && octets - Octets > Wrap / 2 && Octets < Wrap
            ? this with { Octets = Octets + Wrap }
            : this with { Octets = octets };

    /// <summary>
    /// A smaller value from an older record is old news. From a newer one it is a wrap, if the device does not count those and the
    /// way around is the shorter one; otherwise the counter was reset, which nobody has to pay for.
    /// </summary>
    Counter Fall(long octets, Age age)
    {
        if (age != Age.Newer)
            return this;
        if (HasGigawords)
            return this with { IsSuspect = true };
        var sameRound = (Octets & ~(Wrap - 1)) + octets;
        if (sameRound >= Octets)
            return this with { Octets = sameRound };
        var nextRound = sameRound + Wrap;
        return nextRound - Octets > Wrap / 2
            ? this with { IsSuspect = true }
            : this with { Octets = nextRound };
    }
}
