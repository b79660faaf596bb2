using System.Diagnostics.Metrics;

namespace IspHost.PluginRuntime;

/// <summary>What can be read off the runtime when somebody collects. Names of plugins and of what they offer are few.</summary>
static class RuntimeMetrics
{
    public const string MeterName = "IspHost.Plugins";

    public static void Observe(PluginHost host, IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "isphost.plugin.up", () => Each(host, plugin => plugin.Current is null ? 0 : 1), "{plugin}", "1 if the plugin serves.");
        meter.CreateObservableGauge(
            "isphost.plugin.calls.open", () => Each(host, plugin => plugin.OpenLeases), "{call}", "Calls that are inside now.");
        meter.CreateObservableGauge(
            "isphost.plugin.leaked", () => Each(host, plugin => plugin.LeakedContexts), "{generation}",
            "Old generations that have not left memory.");
        meter.CreateObservableGauge(
            "isphost.plugin.breakers.open", () => Each(host, plugin => plugin.OpenBreakers.Count), "{breaker}",
            "Extensions that refuse calls because they keep failing.");
        meter.CreateObservableCounter(
            "isphost.listener.datagrams", () => host.Listeners.SelectMany(Counts), "{datagram}",
            "Datagrams, by listener and what became of them.");
    }

    static IEnumerable<Measurement<int>> Each(PluginHost host, Func<PluginStatus, int> value)
        => host.Status.Select(plugin => new Measurement<int>(value(plugin), new KeyValuePair<string, object?>("plugin", plugin.Id)));

    static Measurement<long>[] Counts(ListenerStatus listener)
    {
        return
        [
            Count("received", listener.Received), Count("answered", listener.Answered), Count("queue_full", listener.Dropped),
            Count("too_long", listener.Oversized), Count("handler_failed", listener.Failed),
        ];

        Measurement<long> Count(string outcome, long value) => new(
            value, new KeyValuePair<string, object?>("listener", listener.Name), new KeyValuePair<string, object?>("outcome", outcome));
    }
}
