using Microsoft.Extensions.Logging;

namespace IspHost.PluginRuntime;

/// <summary>Ends a generation that nobody can reach any more.</summary>
sealed partial class Retirement(PluginRuntimeOptions options, TimeProvider time, ILogger log, CancellationToken closing)
{
    static readonly TimeSpan DisposeDeadline = TimeSpan.FromSeconds(10);

    /// <summary>How long somebody waits for the proof. It goes on without them.</summary>
    static readonly TimeSpan ProofPatience = TimeSpan.FromSeconds(15);

    readonly ProofOfDeath proof = new(options);

    public async Task<RetirementReport> RetireAsync(Generation generation, PluginHome home)
    {
        var start = time.GetTimestamp();
        var drained = await DrainAsync(generation, home);
        var drainedAt = time.GetTimestamp();
        var proof = ProveAsync(generation.Unload(), generation, home);
        await Task.WhenAny(proof, Task.Delay(ProofPatience, closing));
        return new RetirementReport
        {
            Drained = drained,
            Unloaded = proof.IsCompleted && await proof,
            Drain = time.GetElapsedTime(start, drainedAt),
            Unload = time.GetElapsedTime(drainedAt),
        };
    }

    /// <summary>Ends a generation that nobody has called. The proof goes on, and nobody waits for it.</summary>
    public async Task DropAsync(Generation generation, PluginHome home)
    {
        await CloseAsync(generation);
        _ = ProveAsync(generation.Unload(), generation, home);
    }

    async Task<bool> DrainAsync(Generation generation, PluginHome home)
    {
        home.BeginDrain();
        try
        {
            return await CloseAsync(generation);
        }
        finally
        {
            home.EndDrain();
        }
    }

    /// <summary>Lets calls end, then disposes what the plugin has made.</summary>
    /// <returns>Whether all calls ended by themselves in time.</returns>
    public async Task<bool> CloseAsync(Generation generation)
    {
        generation.Retire();
        var drained = await DrainAsync(generation);
        await DisposeAsync(generation);
        return drained;
    }

    /// <summary>Calls that do not end by themselves are cancelled, and get a moment to notice.</summary>
    async Task<bool> DrainAsync(Generation generation)
    {
        if (await generation.DrainAsync(options.DrainDeadline, time))
            return true;

        NotDrained(log, generation.Manifest.Id, generation.Number, generation.OpenLeases);
        generation.CancelCalls();
        await generation.DrainAsync(options.CancelGrace, time);
        return false;
    }

    async Task DisposeAsync(Generation generation)
    {
        try
        {
            await Task.Run(generation.DisposeContainerAsync).WaitAsync(DisposeDeadline, time);
        }
        catch (Exception e) // The boundary to foreign code: what the plugin cannot tidy up is no reason to keep it.
        {
            DisposeFailed(log, generation.Manifest.Id, generation.Number, e.ToString());
        }
    }

    async Task<bool> ProveAsync(WeakReference? context, Generation generation, PluginHome home)
    {
        if (context is null)
            return true;

        home.BeginProof();
        var isGone = await proof.ProveAsync(context, closing);
        home.EndProof(isGone ? null : context);
        if (!isGone && !closing.IsCancellationRequested)
            NotUnloaded(log, generation.Manifest.Id, generation.Manifest.Version.ToNormalizedString(), generation.Number);
        return isGone;
    }

    [LoggerMessage(LogLevel.Warning, "Plugin {Plugin}, generation {Generation}: {Calls} calls did not end in time and were cancelled")]
    static partial void NotDrained(ILogger log, string plugin, int generation, int calls);

    [LoggerMessage(LogLevel.Warning, "Plugin {Plugin}, generation {Generation} could not dispose what it made: {Reason}")]
    static partial void DisposeFailed(ILogger log, string plugin, int generation, string reason);

    [LoggerMessage(LogLevel.Error, "Plugin {Plugin} {Version}, generation {Generation} was not unloaded: something still refers to it")]
    static partial void NotUnloaded(ILogger log, string plugin, string version, int generation);
}
