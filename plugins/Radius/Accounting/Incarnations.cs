using NodaTime;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>Tells sessions apart that have the same name.</summary>
/// <remarks>
/// Many devices count Acct-Session-Id from the beginning after a reboot. One name never runs twice at the same time, though, so a
/// session that began after the last sign of life of another is not that other one. And <see cref="AccountingRecord.Began"/> is
/// the same for all records of a session, whatever order they come in.
/// </remarks>
static class Incarnations
{
    /// <summary>What rounding to seconds, twice, makes of an instant.</summary>
    static readonly Duration DatedSlack = Duration.FromSeconds(5);

    /// <summary>The same, when the instant is the arrival: the network and the device's queue come on top.</summary>
    static readonly Duration ArrivalSlack = Duration.FromSeconds(30);

    /// <summary>The session among those of its name that a record belongs to; null if it is of one not seen before.</summary>
    /// <param name="known">The sessions of the record's name.</param>
    /// <param name="record">The record.</param>
    public static Session? Find(IReadOnlyList<Session> known, AccountingRecord record)
    {
        if (known.Count == 0)
            return null;
        if (record.Token is { } token)
        {
            var ours = known.Where(session => session.Token == token).ToList();
            if (ours.Count > 0)
                return ours.Where(session => !IsRestart(session, record)).MaxBy(session => session.Incarnation);
        }
        return known
            .Where(session => session.Token is null || record.Token is null)
            .OrderByDescending(session => session.StartedAt)
            .FirstOrDefault(session => !IsAfter(session, record) && !IsBefore(session, record));
    }

    /// <summary>Whether the record is of a session that began when this one was over.</summary>
    static bool IsAfter(Session session, AccountingRecord record)
    {
        if (IsRestart(session, record))
            return true;
        var slack = Slack(record);
        if (record.KnowsBegin && record.Began > LastSign(session) + slack)
            return true;
        // Later, and yet a shorter session: time does not run backwards within one.
        return record.IsDated && record.Seconds is { } seconds
            && record.At > LastSign(session) + slack && Duration.FromSeconds(seconds) + slack < Duration.FromSeconds(session.Seconds);
    }

    /// <summary>A Start after the Stop begins another session, however soon.</summary>
    static bool IsRestart(Session session, AccountingRecord record)
        => record.Status == AccountingStatus.Start && session.StoppedAt is { } stopped
            && record.At > stopped + (record.IsDated ? Duration.Zero : Duration.FromSeconds(2));

    /// <summary>Whether what the record reports was over before this session began.</summary>
    static bool IsBefore(Session session, AccountingRecord record)
        => session.IsBeginKnown && record.At < session.StartedAt - Slack(record);

    static Instant LastSign(Session session)
        => session.StoppedAt is { } stopped ? Instant.Max(stopped, session.LastAt) : session.LastAt;

    static Duration Slack(AccountingRecord record) => record.IsDated ? DatedSlack : ArrivalSlack;
}
