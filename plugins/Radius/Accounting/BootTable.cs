using IspHost.Sdk;
using NodaTime;
using Npgsql;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>When access servers began anew: <c>radius.nas_boot</c>.</summary>
static class BootTable
{
    /// <summary>A device rounds the time of its Accounting-On and of a Start before it differently.</summary>
    static readonly Duration Rounding = Duration.FromSeconds(1);

    /// <summary>Device and time, for those of these devices that have said so.</summary>
    public static NpgsqlBatchCommand Read(TenantId tenant, IEnumerable<NasId> devices)
    {
        var command = new NpgsqlBatchCommand("select nas_id, booted_at from radius.nas_boot where tenant_id = $1 and nas_id = any($2)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. devices.Select(device => device.Value)] });
        return command;
    }

    /// <summary>Notes that a device began anew or shut down, and closes its sessions that have shown no life since.</summary>
    public static async Task<bool> RecordAsync(
        NpgsqlConnection connection, TenantId tenant, AccountingRecord record, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("""
            with boot as (
              insert into radius.nas_boot as b (tenant_id, nas_id, booted_at) values ($1, $2, $3)
              on conflict (tenant_id, nas_id) do update set booted_at = greatest(b.booted_at, excluded.booted_at)),
            over as (
              select id from radius.session s
              where s.tenant_id = $1 and s.nas_id = $2 and s.stopped_at is null and s.started_at <= $4 and s.last_at <= $4
              order by s.nas_id, s.acct_session_id, s.user_name, s.incarnation
              for update)
            update radius.session s set stopped_at = greatest(s.last_at, $3), end_reason = $5
            from over where s.tenant_id = $1 and s.id = over.id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = record.Key.Nas.Value });
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = record.At });
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = record.At + Rounding });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)SessionEnd.NasReboot });
        await command.ExecuteNonQueryAsync(stop);
        return true;
    }
}
