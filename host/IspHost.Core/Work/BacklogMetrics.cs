using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Work;

/// <summary>Reads now and then how much is due, so that whoever collects metrics asks memory and not the database.</summary>
sealed class BacklogMetrics : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    readonly Backlog backlog;
    readonly Sweep sweep;
    volatile IReadOnlyList<LaneBacklog> last = [];

    public BacklogMetrics(Backlog backlog, IMeterFactory meters, TimeProvider time, ILogger<BacklogMetrics> log)
    {
        this.backlog = backlog;
        sweep = new Sweep("the backlog", Every, time, log);
        var meter = meters.Create("IspHost.Work");
        Observe("isphost.due.ready", "{piece}", "Deliveries, partitions of jobs and wake-ups that wait for a node.", lane => lane.Ready);
        Observe("isphost.due.under_way", "{piece}", "Those that a node has taken.", lane => lane.UnderWay);
        Observe("isphost.due.given_up", "{piece}", "Those that are tried no more, until somebody replays them.", lane => lane.GivenUp);
        Observe("isphost.due.oldest", "s", "How long the longest has been waiting for a node.", lane => lane.OldestSeconds);

        void Observe(string name, string unit, string description, Func<LaneBacklog, double> value)
            => meter.CreateObservableGauge(name, () => last.Select(lane => Of(lane, value(lane))), unit, description);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => sweep.RunAsync(async stop => last = await backlog.ReadAsync(stop), stoppingToken);

    static Measurement<double> Of(LaneBacklog lane, double value) => new(
        value, new KeyValuePair<string, object?>("kind", lane.Kind), new KeyValuePair<string, object?>("plugin", lane.Plugin),
        new KeyValuePair<string, object?>("name", lane.Name));
}
