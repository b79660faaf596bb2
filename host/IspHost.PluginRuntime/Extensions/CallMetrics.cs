using System.Diagnostics.Metrics;

namespace IspHost.PluginRuntime;

/// <summary>What is counted of calls to extensions, for whoever listens to the meter.</summary>
sealed class CallMetrics : IDisposable
{
    public const string MeterName = "IspHost.PluginRuntime";

    readonly Meter meter = new(MeterName);
    readonly Counter<long> unanswered;
    readonly Counter<long> refused;

    public CallMetrics()
    {
        unanswered = meter.CreateCounter<long>(
            "isphost.extension.unanswered", "{call}", "Calls to an extension that threw or let their deadline pass.");
        refused = meter.CreateCounter<long>(
            "isphost.extension.refused", "{call}", "Calls that an extension never saw, by reason: open breaker, or no place in time.");
    }

    public void Unanswered(string extension) => unanswered.Add(1, new KeyValuePair<string, object?>("extension", extension));

    public void Refused(string extension, string reason) => refused.Add(1, new("extension", extension), new("reason", reason));

    public void Dispose() => meter.Dispose();
}
