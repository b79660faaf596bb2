using IspHost.Plugins.Radius.Wire;
using NodaTime;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>When what a record reports happened.</summary>
static class EventTime
{
    /// <summary>A device may have kept a record for this long while nobody answered.</summary>
    static readonly Duration Oldest = Duration.FromDays(7);

    /// <summary>How far a device's clock may be ahead of ours.</summary>
    static readonly Duration Newest = Duration.FromMinutes(5);

    /// <summary>
    /// Event-Timestamp if it is plausible, else the arrival less Acct-Delay-Time. A device whose clock starts in 1970 has no
    /// plausible one.
    /// </summary>
    public static Instant Of(in Packet packet, Instant now, out bool isDated)
    {
        isDated = true;
        if (packet.Integer(AttributeType.EventTimestamp) is { } seconds)
        {
            var stamped = Instant.FromUnixTimeSeconds(seconds);
            if (stamped >= now - Oldest && stamped <= now + Newest)
                return stamped;
        }
        isDated = false;
        var delay = Duration.FromSeconds(packet.Integer(AttributeType.AcctDelayTime) ?? 0);
        return delay <= Oldest ? now - delay : now;
    }
}
