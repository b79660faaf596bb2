using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk.Actors;
using Npgsql;

namespace IspHost.Core.Actors;

/// <summary>The table of actors. A change goes in only if nobody has changed the actor since it was read.</summary>
sealed class ActorRows(TenantSql sql)
{
    const string TheActor = "tenant_id = $1 and plugin = $2 and type = $3 and id = $4";

    public async Task<ActorRow?> FindAsync(PluginKey actor, CancellationToken stop)
    {
        var rows = await sql.ReadAsync(
            actor.Tenant,
            $"""
            select etag, state_schema, state_version, state,
                   coalesce(wake_at <= now(), false), wake_schema, wake_version, wake_message, wake_failures
            from host.actor where {TheActor}
            """,
            Read, stop, Named(actor));
        return rows.SingleOrDefault();
    }

    /// <summary>Whether the actor is still as it was read.</summary>
    public async Task<bool> IsUnchangedAsync(PluginKey actor, long? etag, CancellationToken stop)
    {
        var etags = await sql.ReadAsync(
            actor.Tenant, $"select etag from host.actor where {TheActor}", row => row.GetInt64(0), stop, Named(actor));
        return etag is { } known ? etags.Contains(known) : etags.Count == 0;
    }

    /// <summary>Stores the first turn.</summary>
    /// <returns>The etag; null if there is an actor already.</returns>
    public Task<long?> AddAsync(PluginKey actor, Envelope state, WakeUp? wake, CancellationToken stop)
        => EtagAsync(
            actor,
            """
            insert into host.actor (tenant_id, plugin, type, id, state_schema, state_version, state,
                                    wake_at, wake_schema, wake_version, wake_message)
            values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8::float8), $9::text, $10::int, $11::bytea)
            on conflict do nothing returning etag
            """,
            [.. Columns(state), .. Columns(wake)], stop);

    /// <summary>Stores a turn that leaves the wake-up set before as it is.</summary>
    /// <returns>The new etag; null if the actor was changed meanwhile.</returns>
    public Task<long?> ChangeAsync(PluginKey actor, long etag, Envelope state, CancellationToken stop)
        => EtagAsync(
            actor,
            $"""
            update host.actor set etag = nextval('host.actor_etag'), state_schema = $5, state_version = $6, state = $7
            where {TheActor} and etag = $8 returning etag
            """,
            [.. Columns(state), etag], stop);

    /// <summary>Stores a turn that sets the wake-up, or has used it up.</summary>
    /// <returns>The new etag; null if the actor was changed meanwhile.</returns>
    public Task<long?> ChangeAsync(PluginKey actor, long etag, Envelope state, WakeUp? wake, CancellationToken stop)
        => EtagAsync(
            actor,
            $"""
            update host.actor set etag = nextval('host.actor_etag'), state_schema = $5, state_version = $6, state = $7,
              wake_at = now() + make_interval(secs => $8::float8), wake_schema = $9::text, wake_version = $10::int,
              wake_message = $11::bytea, wake_failures = 0, wake_error = null
            where {TheActor} and etag = $12 returning etag
            """,
            [.. Columns(state), .. Columns(wake), etag], stop);

    /// <summary>Ends the actor.</summary>
    /// <returns>False if it was changed meanwhile.</returns>
    public async Task<bool> RemoveAsync(PluginKey actor, long etag, CancellationToken stop)
        => await sql.ExecuteAsync(
            actor.Tenant, $"delete from host.actor where {TheActor} and etag = $5", stop, [.. Named(actor), etag]) == 1;

    /// <summary>Puts a wake-up off whose turn failed, and keeps why for whoever looks.</summary>
    public Task PutOffAsync(PluginKey actor, long etag, TimeSpan pause, string error, CancellationToken stop)
        => sql.ExecuteAsync(
            actor.Tenant,
            $"""
            update host.actor set wake_at = now() + make_interval(secs => $6), wake_failures = wake_failures + 1, wake_error = $7
            where {TheActor} and etag = $5 and wake_at is not null
            """,
            stop, [.. Named(actor), etag, pause.TotalSeconds, StoredError.Of(error)]);

    async Task<long?> EtagAsync(PluginKey actor, string statement, object?[] values, CancellationToken stop)
    {
        var etags = await sql.ReadAsync(actor.Tenant, statement, row => row.GetInt64(0), stop, [.. Named(actor), .. values]);
        return etags.Count == 1 ? etags[0] : null;
    }

    static ActorRow Read(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        new Envelope(row.GetString(1), row.GetInt32(2), row.GetFieldValue<byte[]>(3)),
        row.GetBoolean(4)
            ? new DueWakeUp(new Envelope(row.GetString(5), row.GetInt32(6), row.GetFieldValue<byte[]>(7)), row.GetInt32(8))
            : null);

    static object[] Named(PluginKey actor) => [actor.Tenant.Value, actor.Plugin, actor.Name, actor.Id];

    static object[] Columns(Envelope state) => [state.Schema, state.Version, state.Json.ToArray()];

    static object?[] Columns(WakeUp? wake)
        => wake is null ? [null, null, null, null] : [wake.After.TotalSeconds, .. Columns(wake.Message)];
}
