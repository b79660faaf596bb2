using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace IspHost.Plugins.Radius.Sessions;

/// <summary>Reads the sessions that run.</summary>
sealed class LiveSessions(TenantDatabase<RadiusDb> database)
{
    /// <summary>Open sessions, the newest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="user">Of this user alone, if not null.</param>
    /// <param name="before">Only those that come behind this one.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="stop">Stops the read.</param>
    public Task<List<Session>> ListAsync(TenantId tenant, string? user, Guid? before, int limit, CancellationToken stop)
        => ReadAsync(
            tenant,
            $"""
            {BootTable.Runs} and ($2::uuid is null or s.id < $2) and ($3::bytea is null or s.user_name = $3)
            order by s.id desc limit $4
            """,
            [
                new NpgsqlParameter { Value = (object?)before ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new NpgsqlParameter
                {
                    Value = user is null ? DBNull.Value : OctetString.Of(user).Octets,
                    NpgsqlDbType = NpgsqlDbType.Bytea,
                },
                new NpgsqlParameter<int> { TypedValue = limit },
            ],
            stop);

    /// <summary>The open sessions of a service.</summary>
    public Task<List<Session>> OfAsync(TenantId tenant, SubscriptionId subscription, CancellationToken stop)
        => ReadAsync(
            tenant, $"s.subscription_id = $2 and {BootTable.Runs} order by s.id",
            [new NpgsqlParameter<Guid> { TypedValue = subscription.Value }], stop);

    /// <summary>All sessions that are not closed, with no more than a round over them needs.</summary>
    public Task<List<OpenSession>> OpenAsync(TenantId tenant, CancellationToken stop)
        => database.OnConnectionAsync(tenant, async (connection, token) =>
        {
            await using var command = new NpgsqlCommand($"""
                select s.id, s.subscription_id, s.granted, s.last_at, b.nas_id is not null
                from radius.session s left join radius.nas_boot b on {BootTable.HasEnded}
                where s.tenant_id = $1 and s.stopped_at is null
                """, connection);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            await using var reader = await command.ExecuteReaderAsync(token);
            var open = new List<OpenSession>();
            while (await reader.ReadAsync(token))
                open.Add(new OpenSession(
                    reader.GetGuid(0), reader.IsDBNull(1) ? null : new SubscriptionId(reader.GetGuid(1)),
                    reader.IsDBNull(2) ? null : reader.GetInt64(2), reader.GetFieldValue<Instant>(3),
                    reader.GetBoolean(4)));
            return open;
        }, stop);

    /// <summary>Closes those of these sessions that have shown no life since, as stale.</summary>
    /// <returns>How many.</returns>
    public Task<int> CloseStaleAsync(TenantId tenant, IReadOnlyList<(Guid Session, Instant Before)> silent, CancellationToken stop)
        => database.OnConnectionAsync(tenant, async (connection, token) =>
        {
            await using var command = SessionTable.CloseStale(connection, tenant, silent);
            return await command.ExecuteNonQueryAsync(token);
        }, stop);

    /// <summary>Closes those of these sessions that their device has ended by beginning anew.</summary>
    /// <returns>How many.</returns>
    public Task<int> CloseEndedAsync(TenantId tenant, Guid[] ended, CancellationToken stop)
        => database.OnConnectionAsync(tenant, async (connection, token) =>
        {
            await using var command = SessionTable.CloseEnded(connection, tenant, ended);
            return await command.ExecuteNonQueryAsync(token);
        }, stop);

    /// <summary>A session, open or not.</summary>
    public async Task<Session?> FindAsync(TenantId tenant, Guid id, CancellationToken stop)
        => (await ReadAsync(tenant, "s.id = $2", [new NpgsqlParameter<Guid> { TypedValue = id }], stop)).SingleOrDefault();

    /// <summary>How many sessions are open.</summary>
    public Task<long> CountAsync(TenantId tenant, CancellationToken stop)
        => database.OnConnectionAsync(tenant, async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(
                $"select count(*) from radius.session s where s.tenant_id = $1 and {BootTable.Runs}", connection);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            return (long)(await command.ExecuteScalarAsync(token))!;
        }, stop);

    Task<List<Session>> ReadAsync(TenantId tenant, string where, NpgsqlParameter[] parameters, CancellationToken stop)
        => database.OnConnectionAsync(tenant, async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(
                $"select {SessionTable.Columns} from radius.session s where s.tenant_id = $1 and {where}", connection);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            command.Parameters.AddRange(parameters);
            await using var reader = await command.ExecuteReaderAsync(token);
            var sessions = new List<Session>();
            while (await reader.ReadAsync(token))
                sessions.Add(SessionTable.Read(reader));
            return sessions;
        }, stop);
}

/// <summary>What a round over the open sessions looks at.</summary>
/// <param name="Id">Which it is.</param>
/// <param name="Subscription">Whose.</param>
/// <param name="Granted">What it was last given.</param>
/// <param name="LastAt">Its last sign of life.</param>
/// <param name="IsOver">Its device has begun anew since.</param>
readonly record struct OpenSession(Guid Id, SubscriptionId? Subscription, long? Granted, Instant LastAt, bool IsOver);
