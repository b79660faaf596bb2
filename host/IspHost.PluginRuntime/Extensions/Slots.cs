using System.Collections.Concurrent;
using System.Reflection;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Panels;
using Microsoft.Extensions.Logging;

namespace IspHost.PluginRuntime;

/// <summary>All slots of the process, by contract and name.</summary>
sealed partial class Slots(PluginRuntimeOptions options, CallMetrics metrics, TimeProvider time, ILogger log) : IExtensions
{
    const int FewAsked = 256;

    readonly Lock gate = new();
    readonly ConcurrentDictionary<SlotKey, Slot> known = [];
    readonly Dictionary<SlotKey, WeakReference<Slot>> asked = [];
    volatile Slot[] all = [];
    int pruneAt = FewAsked;

    public int Count => all.Length;

    /// <summary>How many names are remembered that nobody has ever offered.</summary>
    public int Asked
    {
        get
        {
            lock (gate)
                return asked.Count;
        }
    }

    public TPoint Get<TPoint>(string name) where TPoint : class => (TPoint)Asking<TPoint>("", name).Proxy;

    public TPoint? Find<TPoint>(string name) where TPoint : class
        => known.TryGetValue(new SlotKey(typeof(TPoint), "", name), out var slot) && slot.IsOffered ? (TPoint)slot.Proxy : null;

    public IReadOnlyList<string> Names<TPoint>() where TPoint : class
        => [.. Offered<TPoint>().Select(slot => slot.Name).Order(StringComparer.Ordinal)];

    public IEnumerable<Slot> Offered<T>() => all.Where(slot => slot.Key.Contract == typeof(T) && slot.IsOffered);

    /// <summary>The slot for somebody who calls: if nobody has ever offered it, it lives as long as the caller keeps it.</summary>
    public Slot<T> Asking<T>(string plugin, string name) where T : class
    {
        var key = new SlotKey(typeof(T), plugin, name);
        if (known.TryGetValue(key, out var found))
            return (Slot<T>)found;

        lock (gate)
            return (Slot<T>?)FindAsked(key) ?? Remember(NewSlot<T>(key));
    }

    /// <summary>The slot for somebody who offers it. It stays, and whoever has asked for it before is led to it.</summary>
    public Slot<T> Offering<T>(string plugin, string name) where T : class
    {
        var key = new SlotKey(typeof(T), plugin, name);
        lock (gate)
        {
            if (known.TryGetValue(key, out var found))
                return (Slot<T>)found;

            var slot = (Slot<T>?)FindAsked(key) ?? NewSlot<T>(key);
            asked.Remove(key);
            slot.Number = all.Length;
            all = [.. all, slot];
            known[key] = slot;
            return slot;
        }
    }

    Slot<T> NewSlot<T>(SlotKey key) where T : class
        => new(key, PointOf(typeof(T)), DeadlineOf(typeof(T)), metrics, time, Proxies.Make);

    Slot? FindAsked(SlotKey key)
        => known.TryGetValue(key, out var offered) ? offered
            : asked.TryGetValue(key, out var reference) && reference.TryGetTarget(out var slot) ? slot
            : null;

    /// <summary>Names come from tenants and devices, so there is no end to them: those that nobody keeps go now and then.</summary>
    Slot<T> Remember<T>(Slot<T> slot) where T : class
    {
        if (asked.Count >= pruneAt)
        {
            foreach (var gone in asked.Where(one => !one.Value.TryGetTarget(out _)).Select(one => one.Key).ToArray())
                asked.Remove(gone);
            pruneAt = Math.Max(FewAsked, asked.Count * 2);
        }
        asked[slot.Key] = new WeakReference<Slot>(slot);
        return slot;
    }

    /// <summary>What a generation will put into the slot.</summary>
    public Offer Offer(Slot slot, object implementation)
    {
        var breakers = new Breakers(options, time, tenant => BreakerOpened(log, slot.Point, slot.Name, tenant, options.BreakerPause));
        var places = slot.Key.Contract == typeof(IJob) ? options.ConcurrentJobs : options.ConcurrentCalls;
        return new Offer(slot, implementation, breakers, new Bulkhead(places, options.WaitingCalls));
    }

    /// <summary>Reserves slots for a plugin, before it is current.</summary>
    /// <exception cref="PluginLoadException">Another plugin has one of them.</exception>
    public void Claim(PluginHome home, IReadOnlyList<Slot> wanted)
    {
        lock (gate)
        {
            foreach (var slot in wanted)
            {
                if (slot.Owner is { } owner && owner != home)
                    throw Taken(home, slot, owner);
            }

            foreach (var slot in wanted)
                slot.Owner = home;
        }
    }

    /// <summary>Gives back the slots that the plugin's current generation does not use.</summary>
    public void Settle(PluginHome home)
    {
        lock (gate)
        {
            foreach (var slot in all.Where(slot => slot.Owner == home && !slot.IsOffered))
                slot.Owner = null;
        }
    }

    static PluginLoadException Taken(PluginHome home, Slot slot, PluginHome owner)
        => PluginRefusal.Taken.Of(home.Id, $"the {slot.Point} '{slot.Name}' is offered by plugin {owner.Id} already");

    static string PointOf(Type contract)
        => Proxies.Exist(contract) && contract.GetCustomAttribute<ExtensionPointAttribute>() is { } point ? point.Name
            : contract == typeof(IJob) ? "job"
            : contract == typeof(IActor) ? "actor"
            : contract == typeof(IPanel) ? "panel"
            : contract == typeof(IDatagramHandler) ? "listener"
            : contract == typeof(EventHandling) ? "event handler"
            : throw new ArgumentException($"{contract.FullName} is not an extension point of this host.");

    TimeSpan DeadlineOf(Type contract)
        => contract.GetCustomAttribute<ExtensionPointAttribute>() is { } point ? TimeSpan.FromSeconds(point.DeadlineSeconds)
            : contract == typeof(IJob) ? options.JobDeadline
            : contract == typeof(IActor) ? options.ActorDeadline
            : contract == typeof(IPanel) ? options.PanelDeadline
            : options.EventDeadline;

    [LoggerMessage(LogLevel.Warning,
        "The {Point} extension '{Name}' gives tenant {Tenant} no answers: its calls are refused for {Pause}, then one is tried")]
    static partial void BreakerOpened(ILogger log, string point, string name, TenantId tenant, TimeSpan pause);
}
