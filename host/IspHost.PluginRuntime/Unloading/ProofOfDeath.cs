namespace IspHost.PluginRuntime;

/// <summary>Proves that a load context is gone: nothing refers to it any more, and the runtime has freed its code.</summary>
/// <remarks>
/// Only the collector can tell, and a blocking collection of a large heap stops every request for a second. So it waits for the
/// collections that come by themselves, and now and then asks for one that runs beside the program. Nobody is in a hurry.
/// </remarks>
sealed class ProofOfDeath(PluginRuntimeOptions options)
{
    const int Passes = 6;
    const int CollectionsAPass = 3;
    const int LongestLook = 250;

    /// <summary>A collection in the background takes about a second of a core for a gigabyte: this much rest for each of them.</summary>
    const double MillisecondsAByte = 2e-6;

    /// <summary>
    /// Under load a context may be held for some seconds by what ends by itself, such as a request whose answer is slow to leave or a
    /// description that somebody was reading: each further pass clears again, and waits longer.
    /// </summary>
    /// <returns>False if it is still there after everything known to hold a context has been cleared, or nobody waits any more.</returns>
    public async Task<bool> ProveAsync(WeakReference context, CancellationToken stop)
    {
        try
        {
            for (var pass = 1; pass <= Passes; pass++)
            {
                for (var i = 0; i < CollectionsAPass; i++)
                {
                    if (await DiesAsync(context, pass, stop))
                        return true;
                }
                Clear(pass);
            }
        }
        catch (OperationCanceledException)
        {
            // The process is about to go.
        }
        return !context.IsAlive;
    }

    /// <summary>Waits for a collection, and asks for one if none has come.</summary>
    static async Task<bool> DiesAsync(WeakReference context, int pass, CancellationToken stop)
    {
        var seen = GC.CollectionCount(GC.MaxGeneration);
        var rest = GC.GetTotalMemory(forceFullCollection: false) * MillisecondsAByte;
        var pause = TimeSpan.FromMilliseconds(pass * Math.Max(20 * pass, rest));
        var look = TimeSpan.FromMilliseconds(Math.Min(LongestLook, pause.TotalMilliseconds / 4));
        for (var waited = TimeSpan.Zero; waited < pause && context.IsAlive; waited += look)
            await Task.Delay(look, stop);

        if (context.IsAlive && GC.CollectionCount(GC.MaxGeneration) == seen)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false, compacting: false);
        return !context.IsAlive;
    }

    /// <summary>First what is known by name; then what makes other libraries start cold.</summary>
    void Clear(int pass)
    {
        if (pass > 1)
            MetadataHandlers.ClearAll();
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
}
