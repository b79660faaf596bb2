using System.Net;
using IspHost.Sdk;
using NodaTime;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>How we know that a session has ended.</summary>
enum SessionEnd
{
    /// <summary>The device said so: Acct-Status-Type Stop.</summary>
    Stopped,

    /// <summary>The device began anew or shut down, and no session outlives that.</summary>
    NasReboot,

    /// <summary>The device uses the session's name for another one by now.</summary>
    Superseded,

    /// <summary>Asked to change the session, the device answered that it has none such.</summary>
    NotFound,

    /// <summary>The device has sent nothing about it for several intervals. It ended, we assume, with its last sign of life.</summary>
    Stale,
}

/// <summary>What a service used between two instants.</summary>
readonly record struct Growth(Instant From, Instant To, long Up, long Down)
{
    public bool IsNone => Up == 0 && Down == 0;
}

/// <summary>A session as its records have told it so far.</summary>
/// <remarks>
/// Records come in any order, more than once, and not all of them. So each is applied in a way that does not ask what came before:
/// the earliest begin, the latest sign of life, the largest counters.
/// </remarks>
sealed record Session
{
    public required Guid Id { get; init; }

    public required SessionKey Key { get; init; }

    /// <summary>Counts the sessions that have had the same name.</summary>
    public required int Incarnation { get; init; }

    public Guid? Token { get; init; }

    public SubscriptionId? Subscription { get; init; }

    /// <summary>What the device was last told to give: see <see cref="Grant"/>. Null if it has never sent our Class back.</summary>
    public long? Granted { get; init; }

    public required Instant StartedAt { get; init; }

    /// <summary>A record has told the begin; otherwise the first sign of life stands in for it.</summary>
    public bool IsBeginKnown { get; init; }

    /// <summary>The last sign of life.</summary>
    public required Instant LastAt { get; init; }

    /// <summary>Up to when its usage has been counted.</summary>
    public required Instant CountedAt { get; init; }

    public long Seconds { get; init; }

    public Counter Up { get; init; }

    public Counter Down { get; init; }

    public Instant? StoppedAt { get; init; }

    public SessionEnd? End { get; init; }

    public int? TerminateCause { get; init; }

    public IPAddress? FramedAddress { get; init; }

    public string? PortId { get; init; }

    public IPAddress? NasAddress { get; init; }

    public string? NasIdentifier { get; init; }

    /// <summary>How often the device had begun anew when the session was last written.</summary>
    public int Boots { get; init; }

    public bool IsOpen => StoppedAt is null;

    /// <summary>It was closed without the device saying so: a sign of life opens it again.</summary>
    public bool IsAssumedEnded => End is not null and not SessionEnd.Stopped;

    /// <summary>A session of which this is the first record to arrive, whichever it is.</summary>
    public static Session From(AccountingRecord record, Guid id, int incarnation) => new()
    {
        Id = id,
        Key = record.Key,
        Incarnation = incarnation,
        Token = record.Token,
        StartedAt = record.Began,
        LastAt = record.At,
        CountedAt = record.Began,
    };

    /// <summary>What is known after this record, and what its service has used that was not counted before.</summary>
    /// <remarks>
    /// As long as no record has told whose session it is, its counters grow and nobody has used anything. Who is known at last has
    /// used all of it.
    /// </remarks>
    public (Session Session, Growth Growth) Apply(AccountingRecord record)
    {
        var up = Up.Apply(record.Up, AgeOf(record));
        var down = Down.Apply(record.Down, AgeOf(record));
        var hasGrown = up.Octets > Up.Octets || down.Octets > Down.Octets;
        var next = this with
        {
            Up = up,
            Down = down,
            Token = Token ?? record.Token,
            Subscription = Subscription ?? record.Subscription,
            Granted = Granted ?? record.Granted,
            StartedAt = Earlier(StartedAt, record.Began),
            IsBeginKnown = IsBeginKnown || record.KnowsBegin,
            LastAt = Later(LastAt, record.At),
            CountedAt = hasGrown ? Later(CountedAt, record.At) : CountedAt,
            Seconds = Math.Max(Seconds, record.Seconds ?? 0),
            FramedAddress = record.FramedAddress ?? FramedAddress,
            PortId = record.PortId ?? PortId,
            NasAddress = record.NasAddress ?? NasAddress,
            NasIdentifier = record.NasIdentifier ?? NasIdentifier,
        };
        return (next.WithEnd(record), next.Subscription is null ? default : GrowthOf(next, record.At));
    }

    /// <summary>Closes a session on other evidence than its own Stop.</summary>
    public Session Ended(SessionEnd end, Instant at) => IsOpen ? this with { End = end, StoppedAt = Later(LastAt, at) } : this;

    Growth GrowthOf(Session next, Instant at) => Subscription is null
        ? new Growth(next.StartedAt, next.CountedAt, next.Up.Octets, next.Down.Octets)
        : new Growth(Earlier(CountedAt, at), at, next.Up.Octets - Up.Octets, next.Down.Octets - Down.Octets);

    Session WithEnd(AccountingRecord record)
    {
        if (record.Status == AccountingStatus.Stop)
            return this with
            {
                End = SessionEnd.Stopped,
                StoppedAt = StoppedAt is { } known && !IsAssumedEnded ? Later(known, record.At) : record.At,
                TerminateCause = TerminateCause ?? record.TerminateCause,
            };
        return IsAssumedEnded && record.At > StoppedAt ? this with { End = null, StoppedAt = null } : this;
    }

    Age AgeOf(AccountingRecord record) => record.Seconds switch
    {
        null => Age.Same,
        { } seconds when seconds > Seconds => Age.Newer,
        { } seconds when seconds < Seconds => Age.Older,
        _ => Age.Same,
    };

    static Instant Earlier(Instant a, Instant b) => Instant.Min(a, b);

    static Instant Later(Instant a, Instant b) => Instant.Max(a, b);
}
