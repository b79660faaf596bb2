using System.Collections.Concurrent;
using IspHost.Sdk;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Changes;

/// <summary>Rows that memory could not take in, such as one whose password does not open. They stop nothing but themselves.</summary>
public sealed partial class UnreadableRows(ILogger<UnreadableRows> log)
{
    /// <summary>With a wrong key no row can be read at all, and a log of a million lines says no more than one of a thousand.</summary>
    const int MostLogged = 1000;

    readonly ConcurrentDictionary<(string Subject, string Id), UnreadableRow> rows = [];

    /// <summary>How many there are now.</summary>
    public int Count => rows.Count;

    /// <summary>Those there are now.</summary>
    public IEnumerable<UnreadableRow> All => rows.Values;

    /// <summary>Notes that a row cannot be read.</summary>
    internal void Mark(UnreadableRow row)
    {
        if (rows.TryAdd((row.Subject, row.Id), row) && rows.Count <= MostLogged)
            Marked(log, row.Subject, row.Id, row.Tenant.Value, row.Why);
    }

    /// <summary>Notes that a row can be read, or is gone.</summary>
    internal void Clear(string subject, string id)
    {
        if (!rows.IsEmpty)
            rows.TryRemove((subject, id), out _);
    }

    [LoggerMessage(LogLevel.Error, "The {Subject} {Id} of tenant {Tenant} cannot be read and is left out: {Why}")]
    static partial void Marked(ILogger log, string subject, string id, Guid tenant, string why);
}

/// <summary>A row that memory could not take in.</summary>
/// <param name="Subject">What it is: <c>tenant</c>, <c>subscriber</c>, <c>nas_device</c> or <c>feature_flag</c>.</param>
/// <param name="Tenant">Whose; default if it belongs to none.</param>
/// <param name="Id">Its identity, or its name.</param>
/// <param name="Why">For the operator. It holds nothing secret.</param>
public sealed record UnreadableRow(string Subject, TenantId Tenant, string Id, string Why);
