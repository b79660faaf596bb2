using System.Net;
using System.Net.Sockets;
using IspHost.Sdk.Datagrams;
using Microsoft.Extensions.Logging;

namespace IspHost.PluginRuntime;

/// <summary>The open listeners, by name.</summary>
sealed class UdpListeners(PluginRuntimeOptions options, TimeProvider time, ILogger log) : IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<string, UdpListener> open = [];

    public IReadOnlyList<ListenerStatus> Status
    {
        get
        {
            lock (gate)
                return [.. open.Values.Select(listener => listener.Status).OrderBy(status => status.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Opens those that are not open yet. What arrives waits in their queues.</summary>
    /// <exception cref="PluginLoadException">A port cannot be had.</exception>
    public void Open(string plugin, IReadOnlyList<(Slot<IDatagramHandler> Slot, int Port)> wanted)
    {
        lock (gate)
        {
            foreach (var (slot, port) in wanted)
            {
                if (!open.ContainsKey(slot.Name))
                    open.Add(slot.Name, Open(plugin, slot, PortOf(slot.Name, port)));
            }
        }
    }

    public void Serve(Generation generation, IReadOnlyList<(Slot<IDatagramHandler> Slot, int Port)> listeners)
    {
        lock (gate)
        {
            foreach (var (slot, _) in listeners)
                open[slot.Name].Serve(generation);
        }
    }

    /// <summary>Closes those that the plugin has opened and does not offer any more.</summary>
    public void Settle(PluginHome home)
    {
        lock (gate)
        {
            foreach (var listener in open.Values.Where(listener => listener.Plugin == home.Id && !listener.IsOffered).ToArray())
            {
                listener.Dispose();
                open.Remove(listener.Name);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var listener in open.Values)
                listener.Dispose();
            open.Clear();
        }
    }

    int PortOf(string listener, int wanted)
        => options.Ports.TryGetValue(listener, out var configured) ? configured : options.UsesFreePorts ? 0 : wanted;

    UdpListener Open(string plugin, Slot<IDatagramHandler> slot, int port)
    {
        try
        {
            return new UdpListener(plugin, slot, new IPEndPoint(options.ListenAddress, port), options, time, log);
        }
        catch (SocketException e)
        {
            throw PluginRefusal.NoListener.Of(
                plugin, $"listener '{slot.Name}' cannot have UDP port {port} of {options.ListenAddress}: {e.Message}");
        }
    }
}
