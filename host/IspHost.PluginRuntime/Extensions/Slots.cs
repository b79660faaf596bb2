using System.Reflection;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Panels;

namespace IspHost.PluginRuntime;

/// <summary>All slots of the process, by contract and name.</summary>
sealed class Slots(PluginRuntimeOptions options, TimeProvider time) : IExtensions
{
    readonly Lock gate = new();
    readonly Dictionary<SlotKey, Slot> byKey = [];
    volatile Slot[] all = [];

    public int Count => all.Length;

    public TPoint Get<TPoint>(string name) where TPoint : class => (TPoint)Of<TPoint>("", name).Proxy;

    public IReadOnlyList<string> Names<TPoint>() where TPoint : class
        => [.. Offered<TPoint>().Select(slot => slot.Name).Order(StringComparer.Ordinal)];

    public IEnumerable<Slot> Offered<T>() => all.Where(slot => slot.Key.Contract == typeof(T) && slot.IsOffered);

    /// <summary>Finds the slot, or makes it. A slot is never removed: proxies of it may be anywhere.</summary>
    public Slot<T> Of<T>(string plugin, string name) where T : class
    {
        var key = new SlotKey(typeof(T), plugin, name);
        lock (gate)
        {
            if (byKey.TryGetValue(key, out var found))
                return (Slot<T>)found;

            var slot = new Slot<T>(all.Length, key, PointOf(typeof(T)), DeadlineOf(typeof(T)), time, Proxies.Make);
            byKey.Add(key, slot);
            all = [.. all, slot];
            return slot;
        }
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
        => new(home.Id, "switch", $"the {slot.Point} '{slot.Name}' is offered by plugin {owner.Id} already");

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
}
