using System.Buffers.Binary;
using System.Security.Cryptography;
using IspHost.Sdk;
using IspHost.Sdk.Usage;
using NodaTime;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>Divides what a session used among the clock hours in which it did: prices and periods change at full hours.</summary>
static class HourlySplit
{
    /// <summary>Usage is not spread over more than this: a device that was silent for longer is not believed to have been even.</summary>
    static readonly Duration Longest = Duration.FromDays(31);

    /// <summary>The records of one growth. Their sum is the growth, to the octet.</summary>
    /// <param name="subscription">Whose usage it is.</param>
    /// <param name="session">The session that grew, as it is now: the same growth has the same records, whoever computes them.</param>
    /// <param name="growth">By how much, and when.</param>
    /// <param name="zone">By whose clocks.</param>
    public static IReadOnlyList<UsageRecord> Split(SubscriptionId subscription, Session session, Growth growth, DateTimeZone zone)
    {
        var from = Instant.Max(growth.From, growth.To - Longest);
        var hours = Hours(from, growth.To, zone);
        var up = Share(growth.Up, hours);
        var down = Share(growth.Down, hours);
        var records = new List<UsageRecord>(hours.Count);
        for (var i = 0; i < hours.Count; i++)
        {
            if (up[i] == 0 && down[i] == 0)
                continue;
            records.Add(new UsageRecord
            {
                Id = IdOf(session, growth, hours[i].Start),
                Subscription = subscription,
                Start = hours[i].Start,
                End = hours[i].End,
                Up = new DataVolume(up[i]),
                Down = new DataVolume(down[i]),
            });
        }
        return records;
    }

    /// <summary>The parts of an interval that lie in one hour by the local clocks each.</summary>
    static List<Interval> Hours(Instant from, Instant to, DateTimeZone zone)
    {
        var hours = new List<Interval>();
        var start = from;
        for (var end = EndOfHour(start, zone); end < to; end = EndOfHour(start, zone))
        {
            hours.Add(new Interval(start, end));
            start = end;
        }
        hours.Add(new Interval(start, to));
        return hours;
    }

    /// <summary>When the local hour of an instant is over: by the clock, or because the clock is changed.</summary>
    static Instant EndOfHour(Instant instant, DateTimeZone zone)
    {
        var rules = zone.GetZoneInterval(instant);
        var local = instant.WithOffset(rules.WallOffset).LocalDateTime;
        var next = (local.Date + new LocalTime(local.Hour, 0)).PlusHours(1).WithOffset(rules.WallOffset).ToInstant();
        return rules.HasEnd ? Instant.Min(next, rules.End) : next;
    }

    /// <summary>By length; what rounding down leaves over goes, octet by octet, to those that lost most by it.</summary>
    static long[] Share(long octets, List<Interval> hours)
    {
        var total = hours.Aggregate(0L, (sum, hour) => sum + hour.Duration.ToInt64Nanoseconds());
        if (hours.Count == 1 || total == 0)
            return [octets, .. new long[hours.Count - 1]];
        var shares = new long[hours.Count];
        var remainders = new (UInt128 Lost, int Hour)[hours.Count];
        var left = octets;
        for (var i = 0; i < hours.Count; i++)
        {
            var product = (UInt128)octets * (UInt128)hours[i].Duration.ToInt64Nanoseconds();
            shares[i] = (long)(product / (UInt128)total);
            remainders[i] = (product % (UInt128)total, i);
            left -= shares[i];
        }
        Array.Sort(remainders, (a, b) => a.Lost == b.Lost ? a.Hour.CompareTo(b.Hour) : b.Lost.CompareTo(a.Lost));
        for (var i = 0; i < left; i++)
            shares[remainders[i].Hour]++;
        return shares;
    }

    static Guid IdOf(Session session, Growth growth, Instant start)
    {
        Span<byte> measured = stackalloc byte[16 + 5 * 8];
        Span<byte> digest = stackalloc byte[32];
        session.Id.TryWriteBytes(measured, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(measured[16..], session.Up.Octets);
        BinaryPrimitives.WriteInt64BigEndian(measured[24..], session.Down.Octets);
        BinaryPrimitives.WriteInt64BigEndian(measured[32..], growth.Up);
        BinaryPrimitives.WriteInt64BigEndian(measured[40..], growth.Down);
        BinaryPrimitives.WriteInt64BigEndian(measured[48..], start.ToUnixTimeTicks());
        SHA256.HashData(measured, digest);
        return new Guid(digest[..16], bigEndian: true);
    }
}
