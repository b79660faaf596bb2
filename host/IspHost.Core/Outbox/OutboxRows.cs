using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Events;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Outbox;

/// <summary>The tables of events and deliveries. Nodes share the work by row locks that none waits for.</summary>
sealed class OutboxRows(TenantSql sql, IDatabase database)
{
    const string TheDelivery = "tenant_id = $1 and event_id = $2 and plugin = $3 and handler = $4";
    const int LongestError = 2000;

    /// <summary>Remembers who wants which events: what is published while a plugin is away waits for it.</summary>
    /// <remarks>What a plugin that is here wants no more is forgotten.</remarks>
    public async Task SubscribeAsync(IReadOnlyList<EventSubscriber> subscribers, CancellationToken stop)
    {
        await using var command = database.Connections.CreateCommand("""
            with wanted as (select * from unnest($1, $2, $3) as w (plugin, kind, handler)),
            gone as (
              delete from host.event_subscription s
              where s.plugin = any ($1)
                and not exists (select from wanted w where (w.plugin, w.kind, w.handler) = (s.plugin, s.kind, s.handler)))
            insert into host.event_subscription (plugin, kind, handler) select plugin, kind, handler from wanted on conflict do nothing
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. subscribers.Select(s => s.Plugin)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. subscribers.Select(s => s.Kind)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. subscribers.Select(s => s.Handler)] });
        await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Gives events a delivery for each handler that wants them.</summary>
    /// <returns>How many events there were, at most as many as asked for.</returns>
    public Task<int> SpreadAsync(TenantId tenant, int most, CancellationToken stop)
        => sql.ExecuteAsync(
            tenant,
            """
            with fresh as (
              select id, kind from host.outbox where tenant_id = $1 and spread_at is null order by id limit $2 for update skip locked),
            spread as (
              insert into host.delivery (tenant_id, event_id, plugin, handler, kind)
              select $1, fresh.id, s.plugin, s.handler, s.kind from fresh join host.event_subscription s using (kind)
              on conflict do nothing)
            update host.outbox o set spread_at = now() from fresh where o.tenant_id = $1 and o.id = fresh.id
            """,
            stop, tenant.Value, most);

    /// <summary>Takes deliveries that are due, for as long as the lease.</summary>
    public Task<List<Delivery>> TakeAsync(TenantId tenant, EventSubscriber subscriber, int most, TimeSpan lease, CancellationToken stop)
        => sql.ReadAsync(
            tenant,
            """
            with due as (
              select event_id from host.delivery
              where tenant_id = $1 and plugin = $2 and handler = $3 and kind = $4 and done_at is null and not dead and next_at <= now()
              order by next_at limit $5 for update skip locked)
            update host.delivery d set attempts = attempts + 1, next_at = now() + make_interval(secs => $6)
            from due join host.outbox o on o.tenant_id = $1 and o.id = due.event_id
            where d.tenant_id = $1 and d.event_id = due.event_id and d.plugin = $2 and d.handler = $3
            returning o.id, o.happened_at, o.body::text, d.attempts
            """,
            row => new Delivery(
                new EventContext { Tenant = tenant, Id = row.GetGuid(0), At = row.GetFieldValue<Instant>(1) },
                row.GetString(2),
                row.GetInt32(3)),
            stop, tenant.Value, subscriber.Plugin, subscriber.Handler, subscriber.Kind, most, lease.TotalSeconds);

    /// <summary>This node is stopping and has not handled it: another one need not wait for the lease to end.</summary>
    public Task GiveBackAsync(Delivery delivery, EventSubscriber to, CancellationToken stop)
        => sql.ExecuteAsync(
            delivery.Context.Tenant,
            $"update host.delivery set attempts = attempts - 1, next_at = now() where {TheDelivery} and attempts = $5 and done_at is null",
            stop, [.. Named(delivery, to), delivery.Attempt]);

    /// <summary>It has been handled, even if another node has taken it for lost meanwhile.</summary>
    public Task DoneAsync(Delivery delivery, EventSubscriber to, CancellationToken stop)
        => sql.ExecuteAsync(
            delivery.Context.Tenant,
            $"update host.delivery set done_at = now(), dead = false, error = null where {TheDelivery} and done_at is null",
            stop, Named(delivery, to));

    /// <summary>It failed: it is tried again after a pause, or given up if it is too old for that.</summary>
    /// <returns>Whether it was given up.</returns>
    public async Task<bool> FailedAsync(
        Delivery delivery, EventSubscriber to, string error, TimeSpan pause, TimeSpan giveUpAfter, CancellationToken stop)
    {
        var dead = await sql.ReadAsync(
            delivery.Context.Tenant,
            $"""
            update host.delivery
            set error = $6, next_at = now() + make_interval(secs => $7),
                dead = now() + make_interval(secs => $7) > created_at + make_interval(secs => $8)
            where {TheDelivery} and attempts = $5 and done_at is null returning dead
            """,
            row => row.GetBoolean(0), stop,
            [.. Named(delivery, to), delivery.Attempt, Shortened(error), pause.TotalSeconds, giveUpAfter.TotalSeconds]);
        return dead is [true];
    }

    /// <summary>Gives up those that nobody has tried for too long: their handler is gone.</summary>
    public Task<int> AbandonAsync(TenantId tenant, TimeSpan after, CancellationToken stop)
        => sql.ExecuteAsync(
            tenant,
            """
            update host.delivery set dead = true, error = coalesce(error, 'no plugin handles it')
            where tenant_id = $1 and done_at is null and not dead and next_at < now() - make_interval(secs => $2)
            """,
            stop, tenant.Value, after.TotalSeconds);

    public async Task<DeliveryCounts> CountAsync(TenantId tenant, CancellationToken stop)
    {
        var counts = await sql.ReadAsync(
            tenant,
            """
            select (count(*) filter (where not dead))::int
                     + (select count(*) from host.outbox where tenant_id = $1 and spread_at is null)::int,
                   (count(*) filter (where not dead and error is not null))::int, (count(*) filter (where dead))::int
            from host.delivery where tenant_id = $1 and done_at is null
            """,
            row => new DeliveryCounts(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2)), stop, tenant.Value);
        return counts[0];
    }

    public Task<List<FailedDelivery>> FailedAsync(TenantId tenant, int most, CancellationToken stop)
        => sql.ReadAsync(
            tenant,
            """
            select event_id, kind, plugin, handler, attempts, dead, error from host.delivery
            where tenant_id = $1 and done_at is null and error is not null order by event_id desc, plugin, handler limit $2
            """,
            row => new FailedDelivery
            {
                Event = row.GetGuid(0),
                Kind = row.GetString(1),
                Plugin = row.GetString(2),
                Handler = row.GetString(3),
                Attempts = row.GetInt32(4),
                IsDead = row.GetBoolean(5),
                Error = row.GetString(6),
            },
            stop, tenant.Value, most);

    static object[] Named(Delivery delivery, EventSubscriber to)
        => [delivery.Context.Tenant.Value, delivery.Context.Id, to.Plugin, to.Handler];

    static string Shortened(string error) => error.Length <= LongestError ? error : error[..LongestError];
}
