using System.Diagnostics.Metrics;

namespace IspHost.PluginRuntime;

/// <summary>What plugins make their meters with. They end with the plugin's container, whether the plugin thinks of it or not.</summary>
/// <remarks>
/// Whoever collects metrics holds on to an instrument until its meter is disposed, and calls what a plugin has given to one that is
/// observed.
/// </remarks>
public sealed class PluginMeters : IMeterFactory
{
    readonly PluginIdentity plugin;
    readonly List<Meter> meters = [];
    readonly Lock gate = new();
    bool isDisposed;

    internal PluginMeters(PluginIdentity plugin) => this.plugin = plugin;

    /// <inheritdoc/>
    public Meter Create(MeterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            var same = meters.Find(meter => meter.Name == options.Name && meter.Version == options.Version);
            if (same is not null)
                return same;
            var made = new Meter(options.Name, options.Version, [new("plugin", plugin.Id)], scope: this);
            meters.Add(made);
            return made;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Meter[] ended;
        lock (gate)
        {
            isDisposed = true;
            ended = [.. meters];
            meters.Clear();
        }
        // Whoever collects is told here.
        foreach (var meter in ended)
            meter.Dispose();
    }
}
