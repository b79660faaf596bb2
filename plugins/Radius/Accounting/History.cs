namespace IspHost.Plugins.Radius.Accounting;

/// <summary>The sessions that have had one name, and what records change about them.</summary>
/// <param name="known">Those that are stored.</param>
/// <param name="boot">Of their device; null if it has never begun anew.</param>
sealed class History(IEnumerable<Session> known, Boot? boot)
{
    readonly List<Session> sessions = [.. known.Select(session => boot?.Survey(session) ?? session)];
    readonly HashSet<Guid> touched = [];
    readonly HashSet<Guid> begun = [];

    /// <summary>Sessions that are new, or different from what is stored.</summary>
    public IEnumerable<Session> Touched => sessions.Where(session => touched.Contains(session.Id));

    /// <summary>Those that are not stored yet.</summary>
    public IEnumerable<Session> Begun => sessions.Where(session => begun.Contains(session.Id));

    int Boots => boot?.Count ?? 0;

    /// <summary>Applies one record.</summary>
    /// <returns>The session that it belongs to, as it is now, and what its service has used that was not counted before.</returns>
    public (Session Session, Growth Growth) Apply(AccountingRecord record)
    {
        var session = Incarnations.Find(sessions, record) ?? Begin(record);
        var (next, growth) = session.Apply(record);
        Put(next);
        return (next, growth);
    }

    Session Begin(AccountingRecord record)
    {
        foreach (var old in sessions.Where(old => old.IsOpen && old.LastAt <= record.Began).ToList())
            Put(old.Ended(SessionEnd.Superseded, old.LastAt));
        var incarnation = sessions.Count == 0 ? 1 : sessions.Max(session => session.Incarnation) + 1;
        var session = Session.From(record, Guid.CreateVersion7(), incarnation) with { Boots = Boots };
        touched.Add(session.Id);
        begun.Add(session.Id);
        if (sessions.Any(other => other.StartedAt > record.At))
            session = session.Ended(SessionEnd.Superseded, record.At);
        else if (record.At <= boot?.At)
            session = session.Ended(SessionEnd.NasReboot, boot.At);
        sessions.Add(session);
        return session;
    }

    void Put(Session session)
    {
        var at = sessions.FindIndex(other => other.Id == session.Id);
        if (sessions[at] == session)
            return;
        sessions[at] = session with { Boots = Boots };
        touched.Add(session.Id);
    }
}
