using System.Security.Claims;
using System.Security.Cryptography;
using IspHost.Core.Database;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace IspHost.Core.Web;

/// <summary>A POST that carries an <c>Idempotency-Key</c> happens once: its repetition gets the first answer again.</summary>
/// <remarks>
/// The key is claimed before the work, so of two requests at once one is told to come back. An answer of 500 or more releases the
/// key. The key belongs to the tenant and the path. Only for requests of at most 1 MB.
/// </remarks>
sealed class IdempotencyKeys(RequestDelegate next, TenantDatabase<IspDb> database)
{
    const string Header = "Idempotency-Key";
    const int MaxBody = 1024 * 1024;

    public async Task InvokeAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || http.Request.Headers[Header].ToString() is not { Length: > 0 } header
            || !TenantId.TryParse(http.User.FindFirstValue(Policies.Tenant), null, out var tenant))
        {
            await next(http);
            return;
        }
        if (header.Length > 200 || http.Request.ContentLength > MaxBody)
        {
            await Problems.Field(Header, "at most 200 characters, and its request at most 1 MB").ExecuteAsync(http);
            return;
        }
        await RunOnceAsync(http, new Key(tenant, $"{http.Request.Path} {header}", await HashBodyAsync(http)));
    }

    async Task RunOnceAsync(HttpContext http, Key key)
    {
        var earlier = await database.OnConnectionAsync(
            key.Tenant, (connection, stop) => ClaimAsync(connection, key, stop), http.RequestAborted);
        if (earlier is not null)
        {
            await earlier.ExecuteAsync(http);
            return;
        }
        var body = http.Response.Body;
        using var copy = new MemoryStream();
        http.Response.Body = copy;
        var isStored = false;
        try
        {
            await next(http);
            if (http.Response.StatusCode < 500)
            {
                await database.OnConnectionAsync(
                    key.Tenant, (connection, stop) => StoreAsync(connection, key, http.Response, copy.ToArray(), stop),
                    CancellationToken.None);
                isStored = true;
            }
        }
        finally
        {
            http.Response.Body = body;
            if (!isStored)
                await database.OnConnectionAsync(
                    key.Tenant, (connection, stop) => ReleaseAsync(connection, key, stop), CancellationToken.None);
        }
        await body.WriteAsync(copy.ToArray(), http.RequestAborted);
    }

    static async Task<byte[]> HashBodyAsync(HttpContext http)
    {
        http.Request.EnableBuffering(bufferThreshold: MaxBody, bufferLimit: MaxBody);
        var hash = await SHA256.HashDataAsync(http.Request.Body, http.RequestAborted);
        http.Request.Body.Position = 0;
        return hash;
    }

    /// <summary>Null if the request is the first with this key; else what to answer.</summary>
    static async Task<IResult?> ClaimAsync(NpgsqlConnection connection, Key key, CancellationToken stop)
    {
        await using var claim = Command(connection, """
            insert into host.idempotency (tenant_id, key, request_hash) values ($1, $2, $3) on conflict do nothing
            """, key);
        claim.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = key.RequestHash });
        if (await claim.ExecuteNonQueryAsync(stop) == 1)
            return null;

        await using var read = Command(
            connection, "select request_hash, status, content_type, body from host.idempotency where tenant_id = $1 and key = $2", key);
        await using var reader = await read.ExecuteReaderAsync(stop);
        await reader.ReadAsync(stop);
        if (!reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(key.RequestHash))
            return Problems.Unprocessable("idempotency-key-reused", $"The {Header} was used before with another request.");
        return await reader.IsDBNullAsync(1, stop)
            ? Problems.Conflict("request-in-progress", $"The first request with this {Header} has not been answered yet.")
            : new Replay(reader.GetInt16(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3));
    }

    static async Task StoreAsync(NpgsqlConnection connection, Key key, HttpResponse response, byte[] body, CancellationToken stop)
    {
        await using var command = Command(
            connection, "update host.idempotency set status = $3, content_type = $4, body = $5 where tenant_id = $1 and key = $2", key);
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)response.StatusCode });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = response.ContentType ?? "" });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = body });
        await command.ExecuteNonQueryAsync(stop);
    }

    static async Task ReleaseAsync(NpgsqlConnection connection, Key key, CancellationToken stop)
    {
        await using var command = Command(
            connection, "delete from host.idempotency where tenant_id = $1 and key = $2 and status is null", key);
        await command.ExecuteNonQueryAsync(stop);
    }

    static NpgsqlCommand Command(NpgsqlConnection connection, string sql, Key key)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key.Tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Text });
        return command;
    }

    sealed record Key(TenantId Tenant, string Text, byte[] RequestHash);

    sealed class Replay(int status, string contentType, byte[] body) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.Headers["Idempotent-Replay"] = "true";
            if (contentType.Length > 0)
                httpContext.Response.ContentType = contentType;
            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
