using System.Diagnostics.Metrics;

namespace IspHost.Scripting;

/// <summary>What a lane of workers has to do: batches to run, or sources to compile.</summary>
/// <param name="Waiting">How many wait for a worker.</param>
/// <param name="Tenants">How many tenants they are of.</param>
/// <param name="Most">How many of them are of the tenant that has the most.</param>
/// <param name="Running">How many workers have.</param>
readonly record struct LaneLoad(int Waiting, int Tenants, int Most, int Running)
{
    public static LaneLoad Of((int Items, int Tenants, int Most) waiting, int running)
        => new(waiting.Items, waiting.Tenants, waiting.Most, running);
}

/// <summary>Tells what the lanes have to do, whenever somebody collects.</summary>
/// <remarks>No tenant is named, but how far one is ahead of the others shows.</remarks>
sealed class LaneMetrics : IDisposable
{
    readonly Meter meter = new("IspHost.Scripting");

    public LaneMetrics(params IReadOnlyList<(string Lane, Func<LaneLoad> Load)> lanes)
    {
        Observe("scripts.waiting", "{batch}", "Batches of items, or sources, that wait for a worker.", load => load.Waiting);
        Observe("scripts.waiting.tenants", "{tenant}", "Tenants that they are of.", load => load.Tenants);
        Observe("scripts.waiting.most", "{batch}", "Those of the tenant that has the most.", load => load.Most);
        Observe("scripts.running", "{batch}", "Batches or sources that workers have.", load => load.Running);

        void Observe(string name, string unit, string description, Func<LaneLoad, int> value)
            => meter.CreateObservableGauge(
                name, () => lanes.Select(lane => new Measurement<int>(
                    value(lane.Load()), new KeyValuePair<string, object?>("lane", lane.Lane))), unit, description);
    }

    /// <summary>For whoever listens to these lanes and to no others.</summary>
    public Meter Meter => meter;

    public void Dispose() => meter.Dispose();
}
