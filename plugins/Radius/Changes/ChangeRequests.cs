using System.Text;
using System.Text.Json;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Sessions;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace IspHost.Plugins.Radius.Changes;

/// <summary>The requests to change sessions, and what came of them: <c>radius.change_request</c>.</summary>
sealed class ChangeRequests(TenantDatabase<RadiusDb> database, ITenants tenants, RadiusJson json, RadiusMetrics metrics)
{
    /// <summary>Error-Cause: the device has no such session, whatever we believe.</summary>
    public const int SessionNotFound = 503;

    const string Columns = """
        id, session_id, kind, access, reason, requested_by, as_of, requested_at, finished_at, outcome, error_cause, attempts
        """;

    /// <summary>Records that a request is about to be sent.</summary>
    /// <returns>False if it must not be: it has its outcome already, or a newer one has been made.</returns>
    public Task<bool> BeginAsync(TenantId tenant, ChangeOrder order, ChangeKind kind, CancellationToken stop)
        => database.OnConnectionAsync(tenant, async (connection, token) =>
        {
            await using var command = new NpgsqlCommand("""
                insert into radius.change_request as r
                  (tenant_id, id, session_id, kind, access, reason, requested_by, as_of, grants, requested_at, outcome)
                select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending'
                where not exists (
                  select from radius.change_request n where n.tenant_id = $1 and n.session_id = $3 and n.as_of > $8)
                on conflict (tenant_id, id) do update set attempts = r.attempts where r.outcome = 'pending'
                """, connection);
            AddOrder(command.Parameters, tenant, order, kind);
            command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = tenants.Now(tenant) });
            return await command.ExecuteNonQueryAsync(token) == 1;
        }, stop);

    /// <summary>Stores what came of a request, with its audit, and closes the session if the device has none such.</summary>
    public async Task FinishAsync(
        TenantId tenant, ChangeOrder order, ChangeKind kind, ChangeOutcome outcome, int? errorCause, int attempts, CancellationToken stop)
    {
        var isNews = await database.OnConnectionAsync(tenant, async (connection, token) =>
        {
            var now = tenants.Now(tenant);
            if (!await StoreOutcomeAsync(connection, tenant, order, kind, outcome, errorCause, attempts, now, token))
                return false;
            if (outcome == ChangeOutcome.Refused && errorCause == SessionNotFound)
                await CloseAsync(connection, tenant, order.Session, token);
            if (outcome == ChangeOutcome.Acknowledged && kind == ChangeKind.Change)
                await GrantAsync(connection, tenant, order, token);
            await AuditTrail.RecordAsync(connection, tenant, Entry(order, kind, outcome, errorCause, attempts, now), token);
            return true;
        }, stop);
        if (isNews)
            metrics.Changed(Name(kind), Name(outcome));
    }

    /// <summary>Those of these sessions that have not been asked to take just this since the given instant.</summary>
    public Task<HashSet<Guid>> NotAskedAsync(
        TenantId tenant, IReadOnlyCollection<(Guid Session, long Grant)> wanted, Instant since, CancellationToken stop)
        => database.OnConnectionAsync(tenant, async (connection, token) =>
        {
            await using var command = new NpgsqlCommand("""
                select w.session_id from unnest($2, $3) as w (session_id, grants)
                where not exists (
                  select from radius.change_request r
                  where r.tenant_id = $1 and r.session_id = w.session_id and r.grants = w.grants and r.requested_at > $4)
                """, connection);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. wanted.Select(one => one.Session)] });
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. wanted.Select(one => one.Grant)] });
            command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = since });
            await using var reader = await command.ExecuteReaderAsync(token);
            var found = new HashSet<Guid>();
            while (await reader.ReadAsync(token))
                found.Add(reader.GetGuid(0));
            return found;
        }, stop);

    public Task<IReadOnlyList<ChangeRequest>> OfAsync(TenantId tenant, Guid session, CancellationToken stop)
        => ReadAsync(tenant, "session_id = $2 order by as_of, id", session, stop);

    public async Task<ChangeRequest?> FindAsync(TenantId tenant, Guid id, CancellationToken stop)
        => (await ReadAsync(tenant, "id = $2", id, stop)).SingleOrDefault();

    static async Task<bool> StoreOutcomeAsync(
        NpgsqlConnection connection, TenantId tenant, ChangeOrder order, ChangeKind kind, ChangeOutcome outcome, int? errorCause,
        int attempts, Instant now, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("""
            insert into radius.change_request as r (tenant_id, id, session_id, kind, access, reason, requested_by, as_of,
              grants, requested_at, finished_at, outcome, error_cause, attempts)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12, $13)
            on conflict (tenant_id, id) do update
            set finished_at = excluded.finished_at, outcome = excluded.outcome, error_cause = excluded.error_cause,
              attempts = excluded.attempts
            where r.outcome = 'pending'
            """, connection);
        AddOrder(command.Parameters, tenant, order, kind);
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Name(outcome) });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)errorCause ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = attempts });
        return await command.ExecuteNonQueryAsync(stop) == 1;
    }

    static async Task CloseAsync(NpgsqlConnection connection, TenantId tenant, Guid session, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("""
            update radius.session set stopped_at = last_at, end_reason = $3 where tenant_id = $1 and id = $2 and stopped_at is null
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)SessionEnd.NotFound });
        await command.ExecuteNonQueryAsync(stop);
    }

    static async Task GrantAsync(NpgsqlConnection connection, TenantId tenant, ChangeOrder order, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("update radius.session set granted = $3 where tenant_id = $1 and id = $2", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = order.Session });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = order.Grant });
        await command.ExecuteNonQueryAsync(stop);
    }

    AuditEntry Entry(ChangeOrder order, ChangeKind kind, ChangeOutcome outcome, int? errorCause, int attempts, Instant now) => new()
    {
        At = now,
        Actor = order.By,
        Action = $"session.{Name(kind)}",
        Object = $"session/{order.Session}",
        Detail = Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(new ChangeRequest
        {
            Id = order.Request,
            Session = order.Session,
            Kind = kind,
            Access = order.Access,
            Reason = order.Reason,
            By = order.By,
            AsOf = order.AsOf,
            RequestedAt = now,
            FinishedAt = now,
            Outcome = outcome,
            ErrorCause = errorCause,
            Attempts = attempts,
        }, json.ChangeRequest)),
    };

    /// <summary>$1 to $9.</summary>
    static void AddOrder(NpgsqlParameterCollection parameters, TenantId tenant, ChangeOrder order, ChangeKind kind)
    {
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = order.Request });
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = order.Session });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = Name(kind) });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = Name(order.Access) });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = order.Reason });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = order.By });
        parameters.Add(new NpgsqlParameter<Instant> { TypedValue = order.AsOf });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = order.Grant });
    }

    Task<IReadOnlyList<ChangeRequest>> ReadAsync(TenantId tenant, string where, Guid id, CancellationToken stop)
        => database.OnConnectionAsync<IReadOnlyList<ChangeRequest>>(tenant, async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(
                $"select {Columns} from radius.change_request where tenant_id = $1 and {where}", connection);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            await using var reader = await command.ExecuteReaderAsync(token);
            var requests = new List<ChangeRequest>();
            while (await reader.ReadAsync(token))
                requests.Add(Read(reader));
            return requests;
        }, stop);

    static ChangeRequest Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Session = row.GetGuid(1),
        Kind = Parse<ChangeKind>(row.GetString(2)),
        Access = Parse<AccessMode>(row.GetString(3)),
        Reason = row.GetString(4),
        By = row.GetString(5),
        AsOf = row.GetFieldValue<Instant>(6),
        RequestedAt = row.GetFieldValue<Instant>(7),
        FinishedAt = row.IsDBNull(8) ? null : row.GetFieldValue<Instant>(8),
        Outcome = Parse<ChangeOutcome>(row.GetString(9)),
        ErrorCause = row.IsDBNull(10) ? null : row.GetInt32(10),
        Attempts = row.GetInt32(11),
    };

    static string Name<TEnum>(TEnum value) where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    static TEnum Parse<TEnum>(string name) where TEnum : struct, Enum
        => Enum.Parse<TEnum>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
