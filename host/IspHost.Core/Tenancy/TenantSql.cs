using IspHost.Sdk;
using IspHost.Sdk.Data;
using Npgsql;

namespace IspHost.Core.Tenancy;

/// <summary>Runs single statements as a tenant.</summary>
/// <remarks>
/// The tenant is set by a statement of its own in the same batch: PostgreSQL runs both in one transaction, so the setting costs no
/// round trip and ends with the statement.
/// </remarks>
public sealed class TenantSql(IDatabase database)
{
    const string Named = "select set_config('app.tenant', $1, true)";
    const string NamedAndPlanned = Named + ", set_config('plan_cache_mode', 'force_custom_plan', true)";

    /// <summary>Changes rows, and says how many.</summary>
    public async Task<int> ExecuteAsync(TenantId tenant, string sql, CancellationToken cancellationToken, params object?[] values)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(cancellationToken);
        await using var batch = Batch(connection, Named, tenant, sql, values);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return batch.BatchCommands[1].RecordsAffected;
    }

    /// <summary>Reads rows.</summary>
    public Task<List<T>> ReadAsync<T>(
        TenantId tenant, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken, params object?[] values)
        => ReadAsync(Named, tenant, sql, row, values, cancellationToken);

    /// <summary>Reads many rows from several tables.</summary>
    /// <remarks>
    /// It is planned each time, for tables as large as they are now. A plan from before an import would look for each row through all
    /// that the import has brought.
    /// </remarks>
    public Task<List<T>> ReadManyAsync<T>(
        TenantId tenant, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken, params object?[] values)
        => ReadAsync(NamedAndPlanned, tenant, sql, row, values, cancellationToken);

    /// <summary>The tenants that a query finds in tables that have no row-level security.</summary>
    public async Task<List<TenantId>> TenantsAsync(string query, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = database.Connections.CreateCommand(query);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(reader, row => new TenantId(row.GetGuid(0)), cancellationToken);
    }

    async Task<List<T>> ReadAsync<T>(
        string naming, TenantId tenant, string sql, Func<NpgsqlDataReader, T> row, object?[] values, CancellationToken cancellationToken)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(cancellationToken);
        await using var batch = Batch(connection, naming, tenant, sql, values);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await ReadAsync(reader, row, cancellationToken);
    }

    static async Task<List<T>> ReadAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(row(reader));
        return rows;
    }

    static NpgsqlBatch Batch(NpgsqlConnection connection, string naming, TenantId tenant, string sql, object?[] values)
    {
        var name = new NpgsqlBatchCommand(naming);
        name.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.ToString() });
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return new NpgsqlBatch(connection) { BatchCommands = { name, command } };
    }
}
