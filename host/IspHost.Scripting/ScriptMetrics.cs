using System.Diagnostics.Metrics;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting;

/// <summary>What price scripts did, and what tenants were refused because they had used up their share.</summary>
static class ScriptMetrics
{
    static readonly Meter Meter = new("IspHost.Scripting");

    static readonly Counter<long> Beyond = Meter.CreateCounter<long>(
        "scripts.over_share", "{refusal}",
        "Sources and batches that a tenant had waiting beyond its share, and calls that used up their time.");

    static readonly Counter<long> Items = Meter.CreateCounter<long>("scripts.items", "{item}", "Items that got an outcome.");

    static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "scripts.failures", "{item}", "Items that a limit stopped or that threw, by code.");

    static readonly Counter<double> Processor = Meter.CreateCounter<double>("scripts.cpu", "s", "Processor time of the rules.");

    public static void CountSource() => Count("source");

    public static void CountBatch() => Count("batch");

    public static void CountCall() => Count("call");

    public static void Count(ReadOnlySpan<RatingOutcome> outcomes)
    {
        Items.Add(outcomes.Length);
        foreach (var outcome in outcomes)
        {
            if (CodeOf(outcome) is { } code)
                Failures.Add(1, new KeyValuePair<string, object?>("code", code));
        }
    }

    static string? CodeOf(RatingOutcome outcome) => outcome switch
    {
        RatingOutcome.Failed failed => failed.Code,
        RatingOutcome.Later later => later.Code,
        _ => null,
    };

    public static void Spend(TimeSpan time) => Processor.Add(time.TotalSeconds);

    static void Count(string kind) => Beyond.Add(1, new KeyValuePair<string, object?>("kind", kind));
}
