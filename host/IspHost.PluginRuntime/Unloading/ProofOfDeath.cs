namespace IspHost.PluginRuntime;

/// <summary>Proves that a load context is gone: nothing refers to it any more, and the runtime has freed its code.</summary>
sealed class ProofOfDeath(PluginRuntimeOptions options)
{
    const int CollectionsAPass = 8;
    const int LongestPause = 6;

    /// <summary>
    /// Under load a context may be held for some seconds by what ends by itself, such as a request whose answer is slow to leave or a
    /// description that somebody was reading: each further pass clears again, and waits longer.
    /// </summary>
    /// <returns>False if it is still there after everything known to hold a context has been cleared.</returns>
    public async Task<bool> ProveAsync(WeakReference context)
    {
        for (var pause = 0; pause <= LongestPause; pause++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250 * pause));
            if (await IsGoneAsync(context))
                return true;
            MetadataHandlers.ClearAll();
            ScrubCaches();
        }

        return await IsGoneAsync(context);
    }

    void ScrubCaches()
    {
        foreach (var cache in options.StaticCaches)
            Try(cache.Scrub);
        Try(options.ScrubCaches);
    }

    static void Try(Action? scrub)
    {
        try
        {
            scrub?.Invoke();
        }
        catch (Exception) // Reaches into other libraries by name: another version of them may hold something else there.
        {
        }
    }

    /// <summary>Full collections, with a pause for what still ends by itself: a timer, a connection, a thread of the pool.</summary>
    static async Task<bool> IsGoneAsync(WeakReference context)
    {
        for (var i = 0; i < CollectionsAPass && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(i * 5);
        }

        return !context.IsAlive;
    }
}
