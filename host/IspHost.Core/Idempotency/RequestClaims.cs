using IspHost.Core.Web;
using IspHost.Sdk.Data;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace IspHost.Core.Idempotency;

/// <summary>The rows of requests with a key.</summary>
/// <remarks>
/// A claim is a lease: a process that was killed with one holds up repetitions for a minute. It keeps a repetition from doing the same
/// work beside the first, and nothing rests on it: only the attempt that the row names can write its answer, and so commit its work.
/// </remarks>
sealed class RequestClaims(IDatabase database)
{
    /// <summary>How long a repetition of a request is told to wait for one that may still be at work.</summary>
    public const int LeaseSeconds = 60;

    /// <summary>Null if the request is to be worked on; else what to answer.</summary>
    public async Task<IResult?> TakeAsync(RequestKey key, CancellationToken stop)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(stop);
        await using var batch = Batch(connection, key,
            """
            insert into host.{table} as r (key, request_hash, claim, claimed_until, expires_at)
            values ($1, $2, $3, now() + make_interval(secs => $4), now() + interval '24 hours')
            on conflict on constraint {table}_pkey do update
              set request_hash = excluded.request_hash, claim = excluded.claim, claimed_until = excluded.claimed_until,
                created_at = now(), expires_at = excluded.expires_at, status = null, content_type = null, location = null, body = null
              where r.expires_at <= now()
                or (r.status is null and r.claimed_until <= now() and r.request_hash = excluded.request_hash)
            """,
            Value(key.Key), Value(key.RequestHash), Value(key.Claim), Value((double)LeaseSeconds));
        batch.BatchCommands.Add(Command(
            key, "select claim, request_hash, status, content_type, location, body from host.{table} where key = $1", Value(key.Key)));
        await using var reader = await batch.ExecuteReaderAsync(stop);
        while (reader.FieldCount < 6 && await reader.NextResultAsync(stop)) { }
        return await reader.ReadAsync(stop) ? await AnswerAsync(reader, key, stop) : InProgress();
    }

    /// <summary>Writes the answer in the connection's present transaction.</summary>
    /// <returns>False if the request is answered already, or another attempt has taken it over.</returns>
    public static async Task<bool> AnswerAsync(NpgsqlConnection connection, RequestKey key, KeptAnswer answer, CancellationToken stop)
    {
        NpgsqlParameter[] values =
            [Value(key.Key), Value(key.Claim), Value(answer.Status), Text(answer.ContentType), Text(answer.Location), Value(answer.Body)];
        // The connection may be a plugin's, which reaches the table by this function alone.
        await using var batch = key.Tenant is { } tenant
            ? Batch(connection, key, "select host.keep_answer_v1($7, $1, $2, $3, $4, $5, $6)", [.. values, Value(tenant.Value)])
            : Batch(connection, key,
                """
                update host.{table} set status = $3, content_type = $4, location = $5, body = $6
                where key = $1 and claim = $2 and status is null returning true
                """, values);
        await using var reader = await batch.ExecuteReaderAsync(stop);
        if (key.Tenant is not null)
            await reader.NextResultAsync(stop);
        return await reader.ReadAsync(stop) && reader.GetBoolean(0);
    }

    /// <summary>Writes the answer on its own.</summary>
    public async Task<bool> AnswerAsync(RequestKey key, KeptAnswer answer, CancellationToken stop)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(stop);
        return await AnswerAsync(connection, key, answer, stop);
    }

    /// <summary>Gives the claim back: nothing was done.</summary>
    /// <returns>False if there is none.</returns>
    public async Task<bool> ReleaseAsync(RequestKey key, CancellationToken stop)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(stop);
        await using var batch = Batch(
            connection, key, "delete from host.{table} where key = $1 and claim = $2 and status is null", Value(key.Key), Value(key.Claim));
        await batch.ExecuteNonQueryAsync(stop);
        return batch.BatchCommands[^1].RecordsAffected == 1;
    }

    static async Task<IResult?> AnswerAsync(NpgsqlDataReader row, RequestKey key, CancellationToken stop)
    {
        if (!row.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(key.RequestHash))
            return Problems.Of(Refusals.KeyReused, "The Idempotency-Key was used before with another request.");
        if (!await row.IsDBNullAsync(2, stop))
            return new KeptAnswer(row.GetInt16(2), TextOf(row, 3), TextOf(row, 4), row.GetFieldValue<byte[]>(5));
        return row.GetGuid(0) == key.Claim ? null : InProgress();
    }

    public static ProblemHttpResult InProgress() => Problems.Of(
        Refusals.RequestInProgress,
        $"A request with this Idempotency-Key is being worked on; ask again, at the latest after {LeaseSeconds} s.");

    /// <summary>The tenant is set by a statement of its own; PostgreSQL runs all of a batch in one transaction.</summary>
    static NpgsqlBatch Batch(NpgsqlConnection connection, RequestKey key, string sql, params NpgsqlParameter[] values)
    {
        var batch = new NpgsqlBatch(connection);
        if (key.Tenant is { } tenant)
            batch.BatchCommands.Add(Command(key, "select set_config('app.tenant', $1, true)", Value(tenant.ToString())));
        batch.BatchCommands.Add(Command(key, sql, values));
        return batch;
    }

    static NpgsqlBatchCommand Command(RequestKey key, string sql, params NpgsqlParameter[] values)
    {
        var command = new NpgsqlBatchCommand(
            sql.Replace("{table}", key.Tenant is null ? "operator_idempotency" : "idempotency", StringComparison.Ordinal));
        command.Parameters.AddRange(values);
        return command;
    }

    static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    static NpgsqlParameter Text(string? text)
        => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };

    static string? TextOf(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
