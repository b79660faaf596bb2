using System.Collections.Concurrent;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Panels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace IspHost.PluginRuntime;

/// <summary>The plugins of this process: loads, replaces and removes them, and leads to what they contribute.</summary>
public sealed partial class PluginHost : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, PluginHome> homes = new(StringComparer.OrdinalIgnoreCase);
    readonly SemaphoreSlim changing = new(1, 1);
    readonly PluginEndpoints endpoints = new();
    readonly PluginRuntimeOptions options;
    readonly TimeProvider time;
    readonly ILogger log;
    readonly Slots slots;
    readonly UdpListeners listeners;
    readonly PluginStore store;
    readonly PackageGate gate;
    readonly Preparation preparation;
    readonly Retirement retirement;

    /// <summary>An empty host. Nothing is loaded by itself.</summary>
    public PluginHost(PluginRuntimeOptions options, ILoggerFactory logs, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        log = logs.CreateLogger<PluginHost>();
        slots = new Slots(options, time);
        listeners = new UdpListeners(options, time, log);
        var shared = new SharedAssemblies(options.SharedAssemblies);
        store = new PluginStore(options.Store);
        gate = new PackageGate(shared, options.SdkVersion);
        Replies = new ReplyCache(time);
        preparation = new Preparation(options, shared, slots, Replies, logs);
        retirement = new Retirement(options, time, log);
    }

    /// <summary>Stable proxies of what plugins, and the host itself, offer.</summary>
    public IExtensions Extensions => slots;

    /// <summary>The endpoints of all plugins, for the host's routing.</summary>
    public EndpointDataSource Endpoints => endpoints;

    /// <summary>Has routing, and what depends on it, forget endpoints that are gone.</summary>
    internal void RefreshEndpoints() => endpoints.Refresh();

    /// <summary>The answers that listeners have given; it outlives every generation.</summary>
    public ReplyCache Replies { get; }

    /// <summary>The jobs that are offered now.</summary>
    public IReadOnlyList<Contribution<IJob>> Jobs => Contributions<IJob>();

    /// <summary>The kinds of actor that are offered now.</summary>
    public IReadOnlyList<Contribution<IActor>> Actors => Contributions<IActor>();

    /// <summary>The panels that are offered now.</summary>
    public IReadOnlyList<Contribution<IPanel>> Panels => Contributions<IPanel>();

    /// <summary>Who wants events now.</summary>
    public IReadOnlyList<EventSubscription> Subscriptions
        => [.. slots.Offered<EventHandling>().Select(SubscriptionOf).OfType<EventSubscription>()];

    /// <summary>The open UDP ports.</summary>
    public IReadOnlyList<ListenerStatus> Listeners => listeners.Status;

    /// <summary>How each plugin is doing, by id.</summary>
    public IReadOnlyList<PluginStatus> Status
        => [.. homes.Values.OrderBy(home => home.Id, StringComparer.Ordinal).Select(home => home.Status())];

    /// <summary>The job of a plugin. The proxy may be kept; whether the plugin is there shows in the call.</summary>
    public IJob Job(string plugin, string name) => (IJob)slots.Of<IJob>(plugin, name).Proxy;

    /// <summary>The kind of actor of a plugin. The proxy may be kept; whether the plugin is there shows in the call.</summary>
    public IActor Actor(string plugin, string type) => (IActor)slots.Of<IActor>(plugin, type).Proxy;

    /// <summary>Offers something of the host's own at an extension point, as if a plugin did. It stays for good.</summary>
    /// <exception cref="PluginLoadException">The name is taken.</exception>
    public void Offer<TPoint>(string name, TPoint implementation) where TPoint : class
    {
        var slot = slots.Of<TPoint>("", name);
        var generation = HostGeneration.Of(slot, implementation, options);
        var home = new PluginHome("host", time) { Current = generation };
        slots.Claim(home, [slot]);
    }

    /// <summary>Loads a plugin that is not loaded yet.</summary>
    /// <param name="folder">Holds <c>plugin.json</c> and the plugin's files; it may go once the plugin is loaded.</param>
    /// <param name="cancellationToken">Stops the preparation.</param>
    /// <exception cref="PluginLoadException">It was refused; the plugin's state says so too.</exception>
    public async Task<PluginStatus> LoadAsync(string folder, CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        try
        {
            var manifest = ReadManifest(folder);
            var home = HomeOf(manifest.Id);
            if (home.Current is not null)
                throw new PluginLoadException(manifest.Id, "load", "it is loaded already, and can only be replaced");

            await AdvanceAsync(home, manifest, folder, cancellationToken);
            Loaded(log, manifest.Id, manifest.Version.ToNormalizedString(), home.LastNumber);
            return home.Status();
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Puts another generation in the place of the one that serves, without a failed call in between.</summary>
    /// <returns>Once the old generation has ended, which may take the drain deadline.</returns>
    /// <exception cref="PluginLoadException">The new generation was refused, and the old one goes on.</exception>
    public async Task<ReplacementReport> ReplaceAsync(string id, string folder, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var home = homes.GetValueOrDefault(id) ?? throw new PluginLoadException(id, "load", "no such plugin is loaded");
        var (old, next) = await SwitchAsync(home, folder, cancellationToken);
        var prepare = time.GetElapsedTime(start);
        var report = new ReplacementReport
        {
            Id = id,
            From = old.Name,
            To = next.Name,
            Prepare = prepare,
            Old = await home.EndAsync(old, retirement),
        };
        Replaced(log, id, report.From.Version, report.To.Version, report.To.Number, report.Old.Drained, report.Old.Unloaded);
        return report;
    }

    /// <summary>Takes a plugin away, with its endpoints and listeners. Calls to it find it unavailable.</summary>
    /// <returns>Once its last generation has ended.</returns>
    /// <exception cref="PluginLoadException">No such plugin serves.</exception>
    public async Task<RetirementReport> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var home = homes.GetValueOrDefault(id) ?? throw new PluginLoadException(id, "remove", "no such plugin is loaded");
        var report = await home.EndAsync(await TakeAwayAsync(home, cancellationToken), retirement);
        Removed(log, id, report.Drained, report.Unloaded);
        return report;
    }

    /// <summary>Lets all plugins end their work. Nothing is proven: the process is about to go.</summary>
    public async ValueTask DisposeAsync()
    {
        endpoints.FallSilent();
        options.EndpointsChanged = null;
        foreach (var home in homes.Values.Where(home => home.Current is not null))
            await retirement.CloseAsync(await TakeAwayAsync(home, CancellationToken.None));
        listeners.Dispose();
        changing.Dispose();
        store.Dispose();
    }

    async Task<(Generation Old, Generation Next)> SwitchAsync(PluginHome home, string folder, CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        try
        {
            var old = home.Current ?? throw new PluginLoadException(home.Id, "load", "nothing of it serves that could be replaced");
            var manifest = ReadManifest(folder, home);
            await AdvanceAsync(home, manifest, folder, cancellationToken);
            return (old, home.Current!);
        }
        finally
        {
            changing.Release();
        }
    }

    async Task<Generation> TakeAwayAsync(PluginHome home, CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        try
        {
            var old = home.Current ?? throw new PluginLoadException(home.Id, "remove", "nothing of it serves");
            Publish(home, null, []);
            home.Enter(PluginState.Removed);
            return old;
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Prepares the next generation and makes it current, or changes nothing.</summary>
    async Task AdvanceAsync(PluginHome home, PluginManifest manifest, string folder, CancellationToken cancellationToken)
    {
        var before = (home.Current, Endpoints: endpoints.Of(home.Id));
        var next = new Generation(home.LastNumber + 1, manifest);
        try
        {
            var stored = store.Add(manifest, folder);
            gate.Check(manifest, stored);
            await PrepareAsync(home, next, stored, cancellationToken);
            home.LastNumber = next.Number;
            home.Enter(PluginState.Active);
        }
        catch (Exception e) // Whatever it was, what ran before goes on.
        {
            var refusal = e as PluginLoadException ?? Refusal.Of(manifest.Id, "switch", e);
            if (home.Current == next)
                Publish(home, before.Current, before.Endpoints);
            await GiveUpAsync(home, next, refusal);
            throw refusal;
        }
    }

    /// <remarks>A method of its own: what it knows of the plugin is gone by the time a refused generation has to be unloaded.</remarks>
    async Task PrepareAsync(PluginHome home, Generation next, string folder, CancellationToken cancellationToken)
    {
        var prepared = preparation.Prepare(next, folder, home);
        slots.Claim(home, prepared.Slots);
        await MigrateAsync(next.Manifest, prepared.Schema, cancellationToken);
        listeners.Open(home.Id, prepared.Listeners);
        Publish(home, next, [.. prepared.Routes.Select(route => route.Endpoint)]);
        listeners.Serve(next, prepared.Listeners);
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
        slots.Settle(home);
        listeners.Settle(slots);
    }

    async Task MigrateAsync(PluginManifest manifest, PluginSchema? schema, CancellationToken cancellationToken)
    {
        try
        {
            if (schema is not null)
                await options.Migrate!(schema, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException) // The scripts are the plugin's.
        {
            throw Refusal.Of(manifest.Id, "migrate", e);
        }
    }

    async Task GiveUpAsync(PluginHome home, Generation next, PluginLoadException refusal)
    {
        slots.Settle(home);
        listeners.Settle(slots);
        home.Fail(refusal.Message);
        Refused(log, refusal.Message, refusal.Details ?? "");
        await home.EndAsync(next, retirement);
    }

    PluginManifest ReadManifest(string folder, PluginHome? home = null)
    {
        try
        {
            var manifest = ManifestReader.Read(folder);
            return home is null || string.Equals(home.Id, manifest.Id, StringComparison.OrdinalIgnoreCase)
                ? manifest
                : throw new PluginLoadException(home.Id, "manifest", $"the folder holds another plugin, {manifest.Id}");
        }
        catch (Exception e) when (e is PluginManifestException or IOException or UnauthorizedAccessException or PluginLoadException)
        {
            var id = home?.Id ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
            (home ?? HomeOf(id)).Fail(e.Message);
            Refused(log, e.Message, "");
            throw e as PluginLoadException ?? new PluginLoadException(id, "manifest", e.Message.TrimEnd('.'));
        }
    }

    PluginHome HomeOf(string id) => homes.GetOrAdd(id, static (id, time) => new PluginHome(id, time), time);

    Contribution<T>[] Contributions<T>() where T : class
        =>
        [
            .. from slot in slots.Offered<T>()
               orderby slot.Key.Plugin, slot.Name
               select new Contribution<T>(slot.Key.Plugin, slot.Name, (T)slot.Proxy),
        ];

    static EventSubscription? SubscriptionOf(Slot slot)
    {
        // The type is the SDK's and the object that knows it is the host's, so reading it needs no lease.
        if (slot.Owner?.Current?.Find(slot.Number)?.Implementation is not EventHandling current)
            return null;

        var (name, handler) = EventHandling.Split(slot.Name);
        return new EventSubscription(slot.Key.Plugin, name, current.EventType, handler, (EventHandling)slot.Proxy);
    }

    [LoggerMessage(LogLevel.Information, "Plugin {Plugin} {Version} is loaded, generation {Generation}")]
    static partial void Loaded(ILogger log, string plugin, string version, int generation);

    [LoggerMessage(LogLevel.Information,
        "Plugin {Plugin} {From} was replaced by {To}, generation {Generation} (drained: {Drained}, unloaded: {Unloaded})")]
    static partial void Replaced(ILogger log, string plugin, string from, string to, int generation, bool drained, bool unloaded);

    [LoggerMessage(LogLevel.Information, "Plugin {Plugin} was removed (drained: {Drained}, unloaded: {Unloaded})")]
    static partial void Removed(ILogger log, string plugin, bool drained, bool unloaded);

    [LoggerMessage(LogLevel.Error, "{Refusal} {Details}")]
    static partial void Refused(ILogger log, string refusal, string details);
}
