using System.Net;
using IspHost.Sdk;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace IspHost.Benchmarks;

/// <summary>The rows that the plugin has written of one batch, ready to be written again without it.</summary>
sealed class SessionRows
{
    static readonly Column[] Session =
    [
        Of<Guid>("id"), Of<Guid>("nas_id"), Of<byte[]>("acct_session_id"), Of<byte[]>("user_name"), Of<int>("incarnation"),
        Of<Guid?>("token"), Of<Guid?>("subscription_id"), Of<Instant>("started_at"), Of<bool>("begin_known"), Of<Instant>("last_at"),
        Of<Instant>("counted_at"), Of<long>("session_seconds"), Of<long>("octets_up"), Of<long>("octets_down"),
        Of<short>("counter_flags"), Of<Instant?>("stopped_at"), Of<short?>("end_reason"), Of<int?>("terminate_cause"),
        Of<IPAddress?>("framed_address", NpgsqlDbType.Array | NpgsqlDbType.Inet), Of<string?>("port_id"),
        Of<IPAddress?>("nas_address", NpgsqlDbType.Array | NpgsqlDbType.Inet), Of<string?>("nas_identifier"), Of<long?>("granted"),
    ];

    static readonly Column[] Usage =
    [
        Of<Instant>("started_at"), Of<Guid>("id"), Of<Guid>("subscription_id"), Of<Instant>("ended_at"), Of<long>("bytes_up"),
        Of<long>("bytes_down"),
    ];

    /// <summary>What a record of a session that is there already may change: the columns after its names.</summary>
    static readonly string Changes = string.Join(", ", Session.Skip(5).Select(column => $"{column.Name} = r.{column.Name}"));

    readonly NpgsqlParameter[] sessions, usage;
    readonly bool areNew;

    SessionRows(NpgsqlParameter[] sessions, NpgsqlParameter[] usage, bool areNew)
        => (this.sessions, this.usage, this.areNew) = (sessions, usage, areNew);

    public static NpgsqlDataSource Open(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.UseNodaTime();
        return builder.Build();
    }

    /// <summary>Reads what the present step has made of the sessions of each chunk, as somebody who sees all rows.</summary>
    public static async Task CaptureAsync(NpgsqlDataSource owner, TenantId tenant, IReadOnlyList<Chunk> chunks)
    {
        foreach (var chunk in chunks)
        {
            var sessions = await ReadAsync(owner, Session, chunk.SessionIds,
                "radius.session r where r.tenant_id = $1 and r.acct_session_id = any ($2) order by r.acct_session_id", tenant);
            // Sessions report every ten minutes and each report becomes a row, so the last report's rows are the latest.
            var usage = await ReadAsync(owner, Usage, chunk.SessionIds, """
                host.usage r join radius.session s on s.tenant_id = r.tenant_id and s.subscription_id = r.subscription_id
                where s.tenant_id = $1 and s.acct_session_id = any ($2) and r.ended_at = s.counted_at order by s.acct_session_id
                """, tenant);
            chunk.Rows.Add(new(sessions, usage, areNew: chunk.Rows.Count == 0));
        }
    }

    /// <summary>Writes them in one transaction, with one round trip.</summary>
    public async Task WriteAsync(NpgsqlDataSource application, TenantId tenant)
    {
        await using var connection = await application.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, "select set_config('app.tenant', $1, true), set_config('enable_seqscan', 'off', true)",
            new NpgsqlParameter<string> { TypedValue = tenant.ToString() });
        if (areNew)
            Add(batch, Insert("radius.session", Session), [Tenant(tenant), .. sessions.Select(column => column.Clone())]);
        else
            Add(batch, Update, [Tenant(tenant), .. sessions.Select(column => column.Clone())]);
        if (usage is [NpgsqlParameter<Instant[]> { TypedValue.Length: > 0 }, ..])
            Add(batch, Insert("host.usage", Usage), [Tenant(tenant), .. usage.Select(column => column.Clone())]);
        await batch.ExecuteNonQueryAsync();
    }

    static readonly string Update = $"""
        update radius.session s set {Changes} from unnest({Places(Session)}) as r ({Names(Session)}) where s.tenant_id = $1 and s.id = r.id
        """;

    static string Insert(string table, Column[] columns)
        => $"insert into {table} (tenant_id, {Names(columns)}) select $1, * from unnest({Places(columns)})";

    static string Names(Column[] columns) => string.Join(", ", columns.Select(column => column.Name));

    static string Places(Column[] columns) => string.Join(", ", columns.Select((_, i) => $"${i + 2}"));

    static NpgsqlParameter<Guid> Tenant(TenantId tenant) => new() { TypedValue = tenant.Value };

    static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> arguments)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var argument in arguments)
            command.Parameters.Add(argument);
        batch.BatchCommands.Add(command);
    }

    static async Task<NpgsqlParameter[]> ReadAsync(
        NpgsqlDataSource owner, Column[] columns, byte[][] sessionIds, string source, TenantId tenant)
    {
        var names = columns.Select(column => $"r.{column.Name}");
        await using var command = owner.CreateCommand($"select {string.Join(", ", names)} from {source}");
        command.Parameters.Add(Tenant(tenant));
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = sessionIds });
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync())
            rows.Add([.. Enumerable.Range(0, columns.Length).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        return [.. columns.Select((column, i) => column.Array(rows.Select(row => row[i])))];
    }

    static Column Of<T>(string name, NpgsqlDbType? type = null) => new(name, values =>
    {
        var parameter = new NpgsqlParameter<T[]> { TypedValue = [.. values.Select(value => (T)value!)] };
        if (type is { } known)
            parameter.NpgsqlDbType = known;
        return parameter;
    });

    sealed record Column(string Name, Func<IEnumerable<object?>, NpgsqlParameter> Array);
}
