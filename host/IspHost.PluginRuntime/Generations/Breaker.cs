namespace IspHost.PluginRuntime;

/// <summary>Stops calls to code that keeps failing, and lets one through now and then to see whether it has recovered.</summary>
sealed class Breaker(int failures, TimeSpan window, TimeSpan pause, TimeProvider time)
{
    const int Closed = 0;
    const int Open = 1;
    const int Trying = 2;

    readonly long[] failedAt = new long[failures];
    readonly Lock gate = new();
    long openedAt;
    int next;
    int seen;
    volatile int state = Closed;

    public bool IsOpen => state != Closed;

    /// <summary>
    /// Whether a call may go on. When it does, <see cref="Succeeded"/>, <see cref="Failed"/> or <see cref="Abandoned"/> must follow.
    /// </summary>
    public bool Allows() => state == Closed || AllowsTrial();

    public void Succeeded()
    {
        if (state == Closed)
            return;

        lock (gate)
        {
            if (state != Trying)
                return; // A call from before the breaker opened says nothing about now.

            seen = 0;
            state = Closed;
        }
    }

    public void Failed()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (state == Trying)
                OpenAt(now);
            else if (state == Closed && IsTooMany(now))
                OpenAt(now);
        }
    }

    /// <summary>The caller lost interest, which says nothing about the code. The next call is the trial.</summary>
    public void Abandoned()
    {
        if (state != Trying)
            return;

        lock (gate)
        {
            if (state == Trying)
                state = Open;
        }
    }

    bool AllowsTrial()
    {
        lock (gate)
        {
            if (state == Closed)
                return true;
            if (state == Trying || time.GetElapsedTime(openedAt) < pause)
                return false;

            state = Trying;
            return true;
        }
    }

    /// <summary>The ring holds the last failures; the slot about to be overwritten is the oldest of them.</summary>
    bool IsTooMany(long now)
    {
        failedAt[next] = now;
        next = (next + 1) % failures;
        seen++;
        return seen >= failures && time.GetElapsedTime(failedAt[next], now) <= window;
    }

    void OpenAt(long now)
    {
        openedAt = now;
        state = Open;
    }
}
