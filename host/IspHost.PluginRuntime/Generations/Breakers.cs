using System.Collections.Concurrent;

namespace IspHost.PluginRuntime;

/// <summary>The breakers of one offer: one for each tenant that got no answer lately.</summary>
/// <remarks>
/// Counting begins with the first call that is not answered, so a tenant without trouble has no state here and costs the look at a
/// number. Whoever had no trouble for a window is forgotten again, and so is whoever does not call any more.
/// </remarks>
sealed class Breakers(PluginRuntimeOptions options, TimeProvider time, Action<TenantId> opened)
{
    readonly ConcurrentDictionary<TenantId, Troubled> troubled = [];
    volatile int count;
    long sweptAt = time.GetTimestamp();

    /// <summary>How many tenants are watched.</summary>
    public int Count => count;

    /// <summary>How many tenants' calls are refused.</summary>
    public int Open => count == 0 ? 0 : troubled.Values.Count(tenant => tenant.Breaker.IsOpen);

    /// <summary>Asks for a call.</summary>
    /// <param name="tenant">Whose call.</param>
    /// <param name="watched">Its outcome must be told here, too; null if nobody watches the tenant.</param>
    /// <returns>False if it is refused.</returns>
    public bool Allows(TenantId tenant, out WatchedCall? watched)
    {
        watched = null;
        if (count == 0 || !troubled.TryGetValue(tenant, out var found))
            return true;

        watched = found.Breaker.Enter();
        return watched is not null;
    }

    public void Answered(TenantId tenant, WatchedCall watched)
    {
        watched.Answered();
        if (troubled.TryGetValue(tenant, out var found) && HasRecovered(found))
            Forget(tenant, found);
    }

    public void Unanswered(TenantId tenant, WatchedCall? watched)
    {
        SweepSometimes();
        var found = Watched(tenant);
        found.LastAt = time.GetTimestamp();
        (watched ?? found.Breaker.Enter())?.Unanswered();
    }

    Troubled Watched(TenantId tenant)
    {
        while (true)
        {
            if (troubled.TryGetValue(tenant, out var found))
                return found;

            var added = new Troubled(new Breaker(options, time, () => opened(tenant)));
            if (!troubled.TryAdd(tenant, added))
                continue;

            Interlocked.Increment(ref count);
            return added;
        }
    }

    bool HasRecovered(Troubled tenant)
        => !tenant.Breaker.IsOpen && time.GetElapsedTime(tenant.LastAt) > options.BreakerWindow;

    /// <summary>Also forgets those that have stopped calling, whatever state they left behind.</summary>
    void SweepSometimes()
    {
        var last = Volatile.Read(ref sweptAt);
        if (time.GetElapsedTime(last) < options.BreakerWindow
            || Interlocked.CompareExchange(ref sweptAt, time.GetTimestamp(), last) != last)
            return;

        foreach (var (tenant, found) in troubled)
        {
            if (time.GetElapsedTime(found.LastAt) > options.BreakerWindow + options.BreakerPause)
                Forget(tenant, found);
        }
    }

    void Forget(TenantId tenant, Troubled found)
    {
        if (troubled.TryRemove(KeyValuePair.Create(tenant, found)))
            Interlocked.Decrement(ref count);
    }

    sealed class Troubled(Breaker breaker)
    {
        public Breaker Breaker => breaker;

        /// <summary>When a call was not answered last.</summary>
        public long LastAt { get; set; }
    }
}
