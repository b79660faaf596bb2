namespace IspHost.PluginRuntime;

/// <summary>Proves that a load context is gone: nothing refers to it any more, and the runtime has freed its code.</summary>
sealed class ProofOfDeath(PluginRuntimeOptions options)
{
    const int CollectionsAPass = 8;

    /// <returns>False if it is still there after everything known to hold a context has been cleared.</returns>
    public async Task<bool> ProveAsync(WeakReference context)
    {
        if (await IsGoneAsync(context))
            return true;

        MetadataHandlers.ClearAll();
        if (await IsGoneAsync(context))
            return true;

        ScrubCaches();
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
