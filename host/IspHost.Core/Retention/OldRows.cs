using IspHost.Sdk;
using IspHost.Sdk.Data;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Retention;

/// <summary>Which rows are old, and what lets go of them: <c>host.retention</c>.</summary>
sealed class OldRows(IDatabase database)
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
            where r.subject = due.subject returning r.subject, r.reached
            """);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Lease });
        await using var reader = await command.ExecuteReaderAsync(stop);
        return await reader.ReadAsync(stop)
            ? new OldRowsOf(reader.GetString(0), reader.IsDBNull(1) ? default : new TenantId(reader.GetGuid(1)))
            : null;
    }

    /// <summary>Deletes rows of some tenants that are old by their clocks, in one transaction.</summary>
    /// <param name="rows">Of what.</param>
    /// <param name="tenants">Whose, and what time it is for them.</param>
    /// <param name="most">No more rows than this go.</param>
    /// <param name="stop">Stops the statement.</param>
    /// <returns>What came of it for each tenant, in their order; nothing for those who had no turn.</returns>
    public async Task<List<Forgotten>> ForgetAsync(
        OldRowsOf rows, IReadOnlyCollection<(TenantId Id, Instant Now)> tenants, int most, CancellationToken stop)
    {
        await using var command = database.Connections.CreateCommand(
            "select gone, is_over, failure from host.forget_old($1, $2, $3, $4)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = rows.Subject });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. tenants.Select(tenant => tenant.Id.Value)] });
        command.Parameters.Add(new NpgsqlParameter<Instant[]> { TypedValue = [.. tenants.Select(tenant => tenant.Now)] });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        await using var reader = await command.ExecuteReaderAsync(stop);
        var turns = new List<Forgotten>();
        while (await reader.ReadAsync(stop))
            turns.Add(new(reader.GetInt32(0), reader.GetBoolean(1), await reader.IsDBNullAsync(2, stop) ? null : reader.GetString(2)));
        return turns;
    }

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
/// <param name="Reached">The tenants behind this one are next.</param>
sealed record OldRowsOf(string Subject, TenantId Reached);

/// <param name="Rows">How many of a tenant's rows have gone.</param>
/// <param name="IsOver">There are no more for now.</param>
/// <param name="Failure">Why none could go; null if they could.</param>
readonly record struct Forgotten(int Rows, bool IsOver, string? Failure);
