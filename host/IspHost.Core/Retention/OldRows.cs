using IspHost.Core.Tenancy;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Retention;

/// <summary>Which rows are old, and what lets go of them: <c>host.retention</c>.</summary>
sealed class OldRows(IDatabase database, TenantSql sql)
{
    /// <summary>A node that takes a subject has it for this long. One that was killed meanwhile leaves it to another.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);

    /// <summary>A subject whose time has come, for this node alone; null if there is none.</summary>
    public async Task<OldRowsOf?> TakeAsync(CancellationToken stop)
    {
        await using var command = database.Connections.CreateCommand("""
            update host.retention r set next_at = now() + $1
            from (
              select subject from host.retention where next_at <= now() order by next_at, subject limit 1 for update skip locked) as due
            where r.subject = due.subject returning r.subject, r.forget, r.reached
            """);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Lease });
        await using var reader = await command.ExecuteReaderAsync(stop);
        return await reader.ReadAsync(stop)
            ? new OldRowsOf(reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? default : new TenantId(reader.GetGuid(2)))
            : null;
    }

    /// <summary>Deletes some of a tenant's rows that are old by its clock, in one transaction.</summary>
    /// <returns>How many; fewer than asked for if there are no more.</returns>
    public async Task<int> ForgetAsync(TenantId tenant, OldRowsOf rows, Instant now, int most, CancellationToken stop)
        => (await sql.ReadAsync(
            // The name comes from a table that only owners of schemas write.
            tenant, $"select {rows.Forget}(host.kept_since($1, $2), $3)", row => row.GetInt32(0), stop, rows.Subject, now, most)).Single();

    /// <summary>Notes what a round has done, and when the next one is.</summary>
    /// <param name="rows">Of what.</param>
    /// <param name="forgotten">How many have gone.</param>
    /// <param name="reached">The last tenant that had its turn; null if all have.</param>
    /// <param name="stop">Stops the statement.</param>
    public async Task FinishAsync(OldRowsOf rows, long forgotten, TenantId? reached, CancellationToken stop)
    {
        await using var command = database.Connections.CreateCommand("""
            update host.retention
            set forgotten = forgotten + $2, reached = $3,
              next_at = now() + case when $3 is null then interval '1 day' else interval '1 minute' end,
              passed_at = case when $3 is null then now() else passed_at end
            where subject = $1
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = rows.Subject });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = forgotten });
        command.Parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = reached?.Value });
        await command.ExecuteNonQueryAsync(stop);
    }
}

/// <param name="Subject">The table.</param>
/// <param name="Forget">The function that deletes its old rows.</param>
/// <param name="Reached">The tenants behind this one are next.</param>
sealed record OldRowsOf(string Subject, string Forget, TenantId Reached);
