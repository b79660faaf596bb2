using System.Diagnostics.Metrics;

namespace IspHost.Core.Changes;

/// <summary>How far memory is behind the database.</summary>
static class ChangeMetrics
{
    public static void Observe(ChangeFeed feed, IMeterFactory meters)
    {
        var meter = meters.Create("IspHost.Changes");
        meter.CreateObservableGauge(
            "isphost.changes.unread", () => feed.Age.TotalSeconds, "s",
            "How long ago the log of changes was read. When nothing is announced, it is every ten seconds.");
        meter.CreateObservableGauge(
            "isphost.changes.waiting", () => feed.Lag.Select(lane => Of(lane.Subject, lane.Waiting)), "{row}",
            "Changed rows that wait to be read.");
        meter.CreateObservableGauge(
            "isphost.changes.behind", () => feed.Lag.Select(lane => Of(lane.Subject, lane.Behind.TotalSeconds)), "s",
            "For how long there has been something to read: no row in memory is older than this and the reading of the log.");
    }

    static Measurement<double> Of(string subject, double value) => new(value, new KeyValuePair<string, object?>("subject", subject));
}
