using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Text.Json;
using IspHost.Plugins.Radius.Wire;

namespace IspHost.Plugins.Radius;

/// <summary>What the plugin counts, for whoever listens to the meter.</summary>
sealed class RadiusMetrics
{
    public const string MeterName = "IspHost.Radius";

    static readonly FrozenDictionary<DropReason, string> Reasons = Enum.GetValues<DropReason>()
        .ToFrozenDictionary(reason => reason, reason => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()));

    readonly Meter meter;
    readonly Counter<long> drops;
    readonly Counter<long> accepts;
    readonly Counter<long> rejects;
    readonly Counter<long> repeats;
    readonly Counter<long> records;
    readonly Counter<long> changes;
    readonly Counter<long> vendorFailures;
    readonly Histogram<int> batches;

    public RadiusMetrics(IMeterFactory meters)
    {
        meter = meters.Create(MeterName);
        drops = meter.CreateCounter<long>("radius.drops", "{datagram}", "Datagrams without an answer, by listener and reason.");
        accepts = meter.CreateCounter<long>("radius.accepts", "{answer}", "Access-Accepts, by access.");
        rejects = meter.CreateCounter<long>("radius.rejects", "{answer}", "Access-Rejects, by reason.");
        repeats = meter.CreateCounter<long>("radius.repeats", "{datagram}", "Requests that got a stored answer again, by listener.");
        records = meter.CreateCounter<long>("radius.accounting.records", "{record}", "Accounting records stored, by status.");
        changes = meter.CreateCounter<long>("radius.changes", "{request}", "CoA- and Disconnect-Requests, by kind and outcome.");
        vendorFailures = meter.CreateCounter<long>(
            "radius.vendor.failures", "{call}", "Calls to a NAS extension that failed: the answer had standard attributes alone.");
        batches = meter.CreateHistogram<int>("radius.accounting.batch", "{record}", "Records in one transaction.");
    }

    public void Dropped(string listener, DropReason reason) => drops.Add(1, new("listener", listener), new("reason", Reasons[reason]));

    public void Accepted(string access) => accepts.Add(1, new KeyValuePair<string, object?>("access", access));

    public void Rejected(string reason) => rejects.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Repeated(string listener) => repeats.Add(1, new KeyValuePair<string, object?>("listener", listener));

    public void Stored(string status) => records.Add(1, new KeyValuePair<string, object?>("status", status));

    public void Wrote(int batch) => batches.Record(batch);

    public void Changed(string kind, string outcome) => changes.Add(1, new("kind", kind), new("outcome", outcome));

    public void VendorFailed(string vendor) => vendorFailures.Add(1, new KeyValuePair<string, object?>("vendor", vendor));

    /// <summary>Tells this generation's meter from another's of the same name.</summary>
    public bool Owns(Meter other) => ReferenceEquals(meter, other);
}
