using System.Diagnostics.Metrics;

namespace IspHost.Scripting;

/// <summary>What tenants were refused because they had used up their share.</summary>
static class ScriptMetrics
{
    static readonly Meter Meter = new("IspHost.Scripting");

    static readonly Counter<long> Beyond = Meter.CreateCounter<long>(
        "scripts.over_share", "{refusal}", "Sources and batches that waited beyond a tenant's share, and calls that used up their time.");

    public static void CountSource() => Count("source");

    public static void CountBatch() => Count("batch");

    public static void CountCall() => Count("call");

    static void Count(string kind) => Beyond.Add(1, new KeyValuePair<string, object?>("kind", kind));
}
