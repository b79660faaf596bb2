using NodaTime;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>An access server has begun anew, or shut down: no session outlives that.</summary>
/// <param name="At">When it last did.</param>
/// <param name="Through">A session that has shown life after this is not from before.</param>
/// <param name="Count">How often it has done so.</param>
sealed record Boot(Instant At, Instant Through, int Count)
{
    /// <summary>The session as it is after the boot: it may be over, and only not closed yet in the table.</summary>
    public Session Survey(Session session)
        => session.Boots < Count && session.LastAt <= Through ? session.Ended(SessionEnd.NasReboot, At) : session;
}
