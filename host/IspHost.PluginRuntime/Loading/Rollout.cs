using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IspHost.PluginRuntime;

/// <summary>Puts a generation of a plugin in the place of the one that serves, or leaves everything as it was.</summary>
sealed partial class Rollout(
    PluginRuntimeOptions options,
    PluginStore store,
    PackageGate gate,
    Preparation preparation,
    Slots slots,
    UdpListeners listeners,
    PluginEndpoints endpoints,
    Retirement retirement,
    ILogger log)
{
    readonly LoadTrace traces = new(store);

    /// <summary>Prepares the next generation and makes it current.</summary>
    /// <exception cref="PluginLoadException">It was refused, and nothing has changed.</exception>
    public async Task AdvanceAsync(
        PluginHome home, PluginManifest manifest, string folder, bool isAsked, CancellationToken cancellationToken)
    {
        var before = (home.Current, Endpoints: endpoints.Of(home.Id));
        var next = new Generation(home.LastNumber + 1, manifest);
        try
        {
            var stored = store.Add(manifest, PackageFile.In(folder));
            gate.Check(manifest, PackageFile.In(stored));
            using var trace = traces.Begin(manifest.Id, Path.GetFileName(stored), isAsked);
            await SwitchAsync(home, next, stored, cancellationToken);
            home.LastNumber = next.Number;
            home.Enter(PluginState.Active);
        }
        catch (Exception e) // Whatever it was, what ran before goes on.
        {
            var refusal = e as PluginLoadException ?? Refusal.Of(manifest.Id, PluginRefusal.NotSwitched, e);
            if (home.Current == next)
            {
                Publish(home, before.Current, before.Endpoints);
                await SubscribeAgainAsync(home, isReplacement: true);
            }
            await GiveUpAsync(home, next, refusal);
            throw refusal;
        }
    }

    /// <summary>Takes away what serves, for good: no event waits for it any more. It has still to be retired.</summary>
    public async Task<Generation> RemoveAsync(PluginHome home, CancellationToken cancellationToken)
    {
        if (home.Current is not null && options.Unsubscribe is { } unsubscribe)
            await StoreAsync(home.Id, () => unsubscribe(home.Id, cancellationToken));
        return TakeAway(home);
    }

    /// <summary>Takes away what serves. It has still to be retired.</summary>
    public Generation TakeAway(PluginHome home)
    {
        var last = home.Current ?? throw PluginRefusal.NotRemoved.Of(home.Id, "nothing of it serves");
        Publish(home, null, []);
        home.Enter(PluginState.Removed);
        return last;
    }

    /// <remarks>A method of its own: what it knows of the plugin is gone by the time a refused generation has to be unloaded.</remarks>
    async Task SwitchAsync(PluginHome home, Generation next, string folder, CancellationToken cancellationToken)
    {
        var prepared = await preparation.PrepareAsync(next, folder, home, cancellationToken);
        slots.Claim(home, prepared.Slots);
        endpoints.Claim(home.Id, prepared.Endpoints);
        await MigrateAsync(home, next.Manifest, prepared, cancellationToken);
        listeners.Open(home.Id, prepared.Listeners);
        if (options.Subscribe is { } subscribe)
            await StoreAsync(home.Id, () => subscribe(prepared.Subscriptions, cancellationToken));
        Publish(home, next, prepared.Endpoints);
        listeners.Serve(next, prepared.Listeners);
        home.Subscriptions = prepared.Subscriptions;
    }

    /// <summary>The switch is the first line: from there on every new call runs in the next generation.</summary>
    /// <remarks>
    /// Routing may refuse the endpoints, for a name that is taken; the slots of the generation before are still reserved then.
    /// </remarks>
    void Publish(PluginHome home, Generation? next, Endpoint[] routed)
    {
        home.Current = next;
        endpoints.Set(home.Id, routed);
        options.EndpointsChanged?.Invoke();
        Settle(home);
    }

    void Settle(PluginHome home)
    {
        slots.Settle(home);
        listeners.Settle(home);
    }

    async Task MigrateAsync(PluginHome home, PluginManifest manifest, Prepared prepared, CancellationToken cancellationToken)
    {
        try
        {
            if (prepared.Schema is { } scripts)
            {
                var owned = new OwnedSchema(
                    manifest.Identity, scripts, prepared.Listeners.Count > 0, home.Current?.Manifest.Version);
                await options.Migrate!(owned, cancellationToken);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException) // The scripts are the plugin's.
        {
            throw Refusal.Of(manifest.Id, PluginRefusal.NotMigrated, e);
        }
    }

    static async Task StoreAsync(string plugin, Func<Task> subscriptions)
    {
        try
        {
            await subscriptions();
        }
        catch (Exception e) when (e is not OperationCanceledException) // The host's database.
        {
            throw Refusal.Of(plugin, PluginRefusal.NotSubscribed, e);
        }
    }

    /// <summary>Stores what the generation wants that serves. Where this fails, what is stored may still be true.</summary>
    public async Task SubscribeAgainAsync(PluginHome home, bool isReplacement)
    {
        try
        {
            if (options.Subscribe is { } subscribe && home is { Current: not null, Subscriptions: { } before })
                await subscribe(before with { IsReplacement = isReplacement }, CancellationToken.None);
        }
        catch (Exception e) // The host's database. A refusal that is being told matters more.
        {
            Refused(log, $"What events plugin {home.Id} wants could not be stored: {e.Message}", "");
        }
    }

    async Task GiveUpAsync(PluginHome home, Generation next, PluginLoadException refusal)
    {
        endpoints.Set(home.Id, endpoints.Of(home.Id));
        Settle(home);
        home.Fail(refusal.Message);
        Refused(log, refusal.Message, refusal.Details ?? "");
        await retirement.DropAsync(next, home);
    }

    [LoggerMessage(LogLevel.Error, "{Refusal} {Details}")]
    static partial void Refused(ILogger log, string refusal, string details);
}
