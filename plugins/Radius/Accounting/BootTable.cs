using IspHost.Sdk;
using NodaTime;
using Npgsql;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>When access servers began anew: <c>radius.nas_boot</c>.</summary>
/// <remarks>
/// To note it is quick whatever the number of sessions that it ends, so it can be answered. They are over from then on for whoever asks;
/// the rows are closed by <see cref="Sessions.SessionWatch"/>.
/// </remarks>
static class BootTable
{
    /// <summary>SQL: whether device b has ended session s.</summary>
    public const string HasEnded = $"""
        b.tenant_id = s.tenant_id and b.nas_id = s.nas_id and b.boots > s.boots and s.last_at <= b.booted_at + {Rounding}
        """;

    /// <summary>SQL: whether session s runs.</summary>
    public const string Runs = $"s.stopped_at is null and not exists (select from radius.nas_boot b where {HasEnded})";

    /// <summary>A device rounds the time of its Accounting-On and of a Start before it differently.</summary>
    const string Rounding = "interval '1 second'";

    /// <summary>Those of these devices that have said so.</summary>
    public static NpgsqlBatchCommand Find(TenantId tenant, IEnumerable<NasId> devices)
    {
        var command = new NpgsqlBatchCommand($"""
            select nas_id, booted_at, booted_at + {Rounding}, boots from radius.nas_boot where tenant_id = $1 and nas_id = any($2)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. devices.Select(device => device.Value)] });
        return command;
    }

    public static (NasId Nas, Boot Boot) Read(NpgsqlDataReader row)
        => (new NasId(row.GetGuid(0)), new Boot(row.GetFieldValue<Instant>(1), row.GetFieldValue<Instant>(2), row.GetInt32(3)));

    /// <summary>Notes that a device began anew or shut down. What comes again, or late, is not another time.</summary>
    public static async Task<bool> RecordAsync(
        NpgsqlConnection connection, TenantId tenant, AccountingRecord record, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand($"""
            insert into radius.nas_boot as b (tenant_id, nas_id, booted_at, boots) values ($1, $2, $3, 1)
            on conflict (tenant_id, nas_id) do update
            set booted_at = greatest(b.booted_at, excluded.booted_at),
              boots = b.boots + (excluded.booted_at > b.booted_at + {Rounding})::int
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = record.Key.Nas.Value });
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = record.At });
        await command.ExecuteNonQueryAsync(stop);
        return true;
    }
}
