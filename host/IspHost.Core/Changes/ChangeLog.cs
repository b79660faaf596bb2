using IspHost.Sdk;
using Npgsql;

namespace IspHost.Core.Changes;

/// <summary>Reads <c>host.change</c> from where the last reading ended.</summary>
sealed class ChangeLog
{
    const int PatienceSeconds = 5;

    /// <summary>Rows are kept for an hour. A node that was away for longer than this reads everything again.</summary>
    static readonly TimeSpan LongestAbsence = TimeSpan.FromMinutes(30);

    static readonly TimeSpan BetweenTidying = TimeSpan.FromMinutes(5);

    readonly TimeProvider time;
    readonly string timeline;
    string snapshot;
    long readAt;
    long tidiedAt;

    ChangeLog(TimeProvider time, string timeline, string snapshot)
    {
        (this.time, this.timeline, this.snapshot) = (time, timeline, snapshot);
        readAt = tidiedAt = time.GetTimestamp();
    }

    /// <summary>How long ago it was last read.</summary>
    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref readAt));

    public static async Task<ChangeLog> BeginAsync(NpgsqlConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        var (timeline, snapshot) = await WhereAsync(connection, cancellationToken);
        return new ChangeLog(time, timeline, snapshot);
    }

    /// <summary>
    /// Whether the database is still the one that was read, and still has what this node has not read. A copy that took over has
    /// another timeline; one that was behind has seen fewer transactions, and would give their numbers out again.
    /// </summary>
    public async Task<bool> IsContinuedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (now, seen) = await WhereAsync(connection, cancellationToken);
        return now == timeline && Moment.Of(0, seen).End >= Moment.Of(0, snapshot).End && Age < LongestAbsence;
    }

    /// <summary>What was committed since the last reading.</summary>
    public async Task<List<(string Subject, TenantId Tenant, Guid? Id)>> ReadAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            select n.snapshot, c.subject, c.tenant, c.id
            from (select pg_current_snapshot()::text as snapshot) n
            left join (
              select distinct subject, tenant, id from host.change
              where xid >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(xid, $1::pg_snapshot)) c on true
            """, connection) { CommandTimeout = PatienceSeconds };
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = snapshot });
        var changed = new List<(string, TenantId, Guid?)>();
        var reached = snapshot;
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                reached = reader.GetString(0);
                if (!reader.IsDBNull(1))
                    changed.Add((
                        reader.GetString(1),
                        reader.IsDBNull(2) ? default : new TenantId(reader.GetGuid(2)),
                        reader.IsDBNull(3) ? null : reader.GetGuid(3)));
            }
        }
        snapshot = reached;
        Volatile.Write(ref readAt, time.GetTimestamp());
        await TidyAsync(connection, cancellationToken);
        return changed;
    }

    async Task TidyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(tidiedAt) < BetweenTidying)
            return;
        tidiedAt = time.GetTimestamp();
        await using var command = new NpgsqlCommand(
            "delete from host.change where noted_at < clock_timestamp() - interval '1 hour'", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The name of a log file begins with the timeline, which grows when a standby takes over.</summary>
    static async Task<(string Timeline, string Snapshot)> WhereAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select left(pg_walfile_name(pg_current_wal_lsn()), 8), pg_current_snapshot()::text", connection)
        { CommandTimeout = PatienceSeconds };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetString(0), reader.GetString(1));
    }
}
