using System.Collections.Concurrent;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Panels;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace IspHost.PluginRuntime;

/// <summary>The plugins of this process: loads, replaces and removes them, and leads to what they contribute.</summary>
public sealed partial class PluginHost : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, PluginHome> homes = new(StringComparer.OrdinalIgnoreCase);
    readonly CancellationTokenSource closing = new();
    readonly CallMetrics metrics = new();
    readonly PluginEndpoints endpoints = new();
    readonly PluginRuntimeOptions options;
    readonly TimeProvider time;
    readonly ILogger log;
    readonly Slots slots;
    readonly UdpListeners listeners;
    readonly PluginStore store;
    readonly Retirement retirement;
    readonly Rollout rollout;

    /// <summary>An empty host. Nothing is loaded by itself.</summary>
    public PluginHost(PluginRuntimeOptions options, ILoggerFactory logs, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        log = logs.CreateLogger<PluginHost>();
        slots = new Slots(options, metrics, time, log);
        listeners = new UdpListeners(options, time, log);
        store = new PluginStore(options.Store);
        Replies = new ReplyCache(time);
        retirement = new Retirement(options, time, log, closing.Token);
        var shared = new SharedAssemblies(options.SharedAssemblies);
        var preparation = new Preparation(options, shared, slots, Replies, logs, time);
        var gate = new PackageGate(shared, options.SdkVersion);
        Packages = new PluginPackages(gate, store);
        rollout = new Rollout(options, store, gate, preparation, slots, listeners, endpoints, retirement, log);
    }

    /// <summary>Stable proxies of what plugins, and the host itself, offer.</summary>
    public IExtensions Extensions => slots;

    /// <summary>Checks packages and unpacks them, to be loaded.</summary>
    public PluginPackages Packages { get; }

    /// <summary>The endpoints of all plugins, for the host's routing.</summary>
    public EndpointDataSource Endpoints => endpoints;

    /// <summary>What <see cref="PluginRuntimeOptions.DescribeEndpoints"/> makes of the plugins that serve, by id.</summary>
    /// <remarks>Of each once, and not before somebody asks: it takes a second, which no start has to wait for.</remarks>
    public async Task<IReadOnlyDictionary<string, byte[]>> DescribeAsync(CancellationToken cancellationToken)
    {
        var parts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var home in homes.Values.Where(home => endpoints.Of(home.Id).Length > 0))
        {
            if (await PartOfAsync(home, cancellationToken) is { } part)
                parts[home.Id] = part;
        }
        return parts;
    }

    /// <summary>Has routing, and what depends on it, forget endpoints that are gone.</summary>
    internal void RefreshEndpoints() => endpoints.Refresh();

    /// <summary>Keeps plugins from the routes that the host itself has.</summary>
    internal void Spare(IEnumerable<EndpointDataSource> sources) => endpoints.Spare(sources);

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
    public IJob Job(string plugin, string name) => (IJob)slots.Asking<IJob>(plugin, name).Proxy;

    /// <summary>The kind of actor of a plugin. The proxy may be kept; whether the plugin is there shows in the call.</summary>
    public IActor Actor(string plugin, string type) => (IActor)slots.Asking<IActor>(plugin, type).Proxy;

    /// <summary>Offers something of the host's own at an extension point, as if a plugin did. It stays for good.</summary>
    /// <exception cref="PluginLoadException">The name is taken.</exception>
    public void Offer<TPoint>(string name, TPoint implementation) where TPoint : class
    {
        var slot = slots.Offering<TPoint>("", name);
        var generation = HostGeneration.Of(slots.Offer(slot, implementation));
        var home = new PluginHome("host", time) { Current = generation };
        slots.Claim(home, [slot]);
    }

    /// <summary>Loads a plugin that is not loaded yet.</summary>
    /// <param name="folder">Holds <c>plugin.json</c> and the plugin's files; it may go once the plugin is loaded.</param>
    /// <param name="cancellationToken">Stops the preparation.</param>
    /// <exception cref="PluginLoadException">It was refused; the plugin's state says so too.</exception>
    public Task<PluginStatus> LoadAsync(string folder, CancellationToken cancellationToken)
        => LoadAsync(folder, isAsked: true, cancellationToken);

    /// <summary>Loads a plugin because the process starts: one that has ended the last two of them is refused.</summary>
    /// <inheritdoc cref="LoadAsync(string, CancellationToken)"/>
    public Task<PluginStatus> LoadAtStartAsync(string folder, CancellationToken cancellationToken)
        => LoadAsync(folder, isAsked: false, cancellationToken);

    async Task<PluginStatus> LoadAsync(string folder, bool isAsked, CancellationToken cancellationToken)
    {
        var manifest = ReadManifest(folder);
        var home = HomeOf(manifest.Id);
        await ChangeAsync(home, async stop =>
        {
            if (home.Current is not null)
                throw PluginRefusal.AlreadyLoaded.Of(manifest.Id, "it is loaded already, and can only be replaced");

            await rollout.AdvanceAsync(home, manifest, folder, isAsked, stop);
            return true;
        }, cancellationToken);
        Loaded(log, manifest.Id, manifest.Version.ToNormalizedString(), home.LastNumber);
        return home.Status();
    }

    /// <summary>Puts another generation in the place of the one that serves, without a failed call in between.</summary>
    /// <returns>Once the old generation has ended, which may take the drain deadline.</returns>
    /// <exception cref="PluginLoadException">The new generation was refused, and the old one goes on.</exception>
    public async Task<ReplacementReport> ReplaceAsync(string id, string folder, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var home = Find(id, PluginRefusal.NotServing);
        var (old, next) = await ChangeAsync(home, async stop =>
        {
            var replaced = home.Current ?? throw PluginRefusal.NotServing.Of(home.Id, "nothing of it serves that could be replaced");
            await rollout.AdvanceAsync(home, ReadManifest(folder, home), folder, isAsked: true, stop);
            return (replaced, home.Current!);
        }, cancellationToken);
        var report = new ReplacementReport
        {
            Id = id,
            From = old.Name,
            To = next.Name,
            Prepare = time.GetElapsedTime(start),
            Old = await retirement.RetireAsync(old, home),
        };
        Replaced(log, id, report.From.Version, report.To.Version, report.To.Number, report.Old.Drained, report.Old.Unloaded);
        return report;
    }

    /// <summary>Stores again which events the plugins want that serve.</summary>
    public async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        foreach (var home in homes.Values)
        {
            using (await home.ChangeAsync(cancellationToken))
                await rollout.SubscribeAgainAsync(home, isReplacement: false);
        }
    }

    /// <summary>Shows a plugin among the others that was refused before it could be loaded: its package is.</summary>
    /// <param name="id">The plugin.</param>
    /// <param name="reason">Why.</param>
    public void ShowRefused(string id, string reason)
    {
        HomeOf(id).Fail(reason);
        Refused(log, reason, "");
    }

    /// <summary>Takes a plugin away, with its endpoints, listeners and subscriptions. Calls to it find it unavailable.</summary>
    /// <returns>Once its last generation has ended.</returns>
    /// <exception cref="PluginLoadException">No such plugin serves, or the host could not forget what events it wants.</exception>
    public async Task<RetirementReport> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var home = Find(id, PluginRefusal.NotRemoved);
        var last = await ChangeAsync(home, stop => rollout.RemoveAsync(home, stop), cancellationToken);
        var report = await retirement.RetireAsync(last, home);
        Removed(log, id, report.Drained, report.Unloaded);
        return report;
    }

    /// <summary>Lets all plugins end their work. Nothing is proven: the process is about to go.</summary>
    /// <remarks>A plugin that is just being prepared is given up, so that one whose code hangs does not keep the process.</remarks>
    public async ValueTask DisposeAsync()
    {
        endpoints.FallSilent();
        options.EndpointsChanged = null;
        await closing.CancelAsync();
        foreach (var home in homes.Values)
            await CloseAsync(home);
        listeners.Dispose();
        store.Dispose();
        metrics.Dispose();
        closing.Dispose();
    }

    async Task CloseAsync(PluginHome home)
    {
        using (await home.ChangeAsync(CancellationToken.None))
        {
            if (home.Current is not null)
                await retirement.CloseAsync(rollout.TakeAway(home));
        }
    }

    /// <summary>Changes to one plugin happen one after the other; those to others wait for nothing.</summary>
    async Task<TResult> ChangeAsync<TResult>(
        PluginHome home, Func<CancellationToken, Task<TResult>> change, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closing.Token);
        using (await home.ChangeAsync(stop.Token))
            return await change(stop.Token);
    }

    PluginHome Find(string id, PluginRefusal rule)
        => homes.GetValueOrDefault(id) ?? throw rule.Of(id, "no such plugin is loaded");

    PluginManifest ReadManifest(string folder, PluginHome? home = null)
    {
        try
        {
            var manifest = ManifestReader.Read(folder);
            return home is null || string.Equals(home.Id, manifest.Id, StringComparison.OrdinalIgnoreCase)
                ? manifest
                : throw PluginRefusal.OtherPlugin.Of(home.Id, $"the folder holds another plugin, {manifest.Id}");
        }
        catch (Exception e) when (e is PluginManifestException or IOException or UnauthorizedAccessException or PluginLoadException)
        {
            var id = home?.Id ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
            (home ?? HomeOf(id)).Fail(e.Message);
            Refused(log, e.Message, "");
            var rule = (e as PluginManifestException)?.Rule ?? PluginRefusal.NoManifest;
            throw e as PluginLoadException ?? rule.Of(id, e.Message.TrimEnd('.'));
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

    async Task<byte[]?> PartOfAsync(PluginHome home, CancellationToken cancellationToken)
    {
        if (options.DescribeEndpoints is not { } describe || !home.TryAcquire(out var generation))
            return null;
        try
        {
            return generation.Description ??= await describe(generation.Manifest.Identity, generation.Container, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException) // It looks at the plugin's types, and may run its code.
        {
            NotDescribed(log, home.Id, fault.Message);
            return null;
        }
        finally
        {
            generation.Release();
        }
    }

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

    [LoggerMessage(LogLevel.Error, "The endpoints of plugin {Plugin} cannot be described, and are missing in the document: {Fault}")]
    static partial void NotDescribed(ILogger log, string plugin, string fault);

    [LoggerMessage(LogLevel.Error, "{Refusal} {Details}")]
    static partial void Refused(ILogger log, string refusal, string details);
}
