using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Events;
using NodaTime;

namespace IspHost.Core.Outbox;

/// <summary>The table of deliveries. A change goes in only if nobody has settled the delivery meanwhile.</summary>
sealed class DeliveryRows(TenantSql sql)
{
    const string TheDelivery = "tenant_id = $1 and event_id = $2 and plugin = $3 and handler = $4";
    const string Wanted = """
        tenant_id = $1 and dead and event_id = coalesce($2::uuid, event_id) and plugin = coalesce($3::text, plugin)
        and handler = coalesce($4::text, handler) and next_at < coalesce($5::timestamptz, 'infinity')
        """;

    /// <summary>Begins an attempt.</summary>
    /// <returns>Null if it is done, dead or gone.</returns>
    public async Task<Delivery?> TakeAsync(TenantId tenant, Guid id, EventSubscriber subscriber, CancellationToken stop)
    {
        var taken = await sql.ReadAsync(
            tenant,
            """
            update host.delivery d set attempts = attempts + 1 from host.outbox o
            where d.tenant_id = $1 and d.event_id = $2 and d.plugin = $3 and d.handler = $4 and d.done_at is null and not d.dead
              and o.tenant_id = $1 and o.id = $2
            returning o.happened_at, o.body::text, d.attempts
            """,
            row => new Delivery(
                new EventContext { Tenant = tenant, Id = id, At = row.GetFieldValue<Instant>(0) }, row.GetString(1), row.GetInt32(2)),
            stop, tenant.Value, id, subscriber.Plugin, subscriber.Handler);
        return taken.SingleOrDefault();
    }

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
            with attempt as (select now() + make_interval(secs => $7) as again)
            update host.delivery
            set error = $6, dead = again > created_at + make_interval(secs => $8),
                next_at = case when again > created_at + make_interval(secs => $8) then now() else again end
            from attempt where {TheDelivery} and attempts = $5 and done_at is null returning dead
            """,
            row => row.GetBoolean(0), stop,
            [.. Named(delivery, to), delivery.Attempt, StoredError.Of(error), pause.TotalSeconds, giveUpAfter.TotalSeconds]);
        return dead is [true];
    }

    /// <summary>The tenants that have deliveries which nobody has taken for so long.</summary>
    public Task<List<TenantId>> UnclaimedAsync(TimeSpan after, CancellationToken stop)
        => sql.TenantsAsync(
            """
            select distinct tenant_id from host.due where kind = 'event' and ready and at < now() - make_interval(secs => $1)
            """,
            stop, after.TotalSeconds);

    /// <summary>Gives up those that nobody has taken for so long.</summary>
    public Task<int> AbandonAsync(TenantId tenant, TimeSpan after, CancellationToken stop)
        => sql.ExecuteAsync(
            tenant,
            """
            update host.delivery d set dead = true, next_at = now(), error = coalesce(error, 'no plugin handles it')
            from host.due q
            where q.tenant_id = $1 and q.kind = 'event' and q.ready and q.at < now() - make_interval(secs => $2)
              and d.tenant_id = $1 and d.event_id = q.id::uuid and d.plugin = q.plugin and d.kind || ' ' || d.handler = q.name
            """,
            stop, tenant.Value, after.TotalSeconds);

    public async Task<DeliveryCounts> CountAsync(TenantId tenant, CancellationToken stop)
    {
        var counts = await sql.ReadAsync(
            tenant,
            """
            select (count(*) filter (where not dead))::int, (count(*) filter (where not dead and error is not null))::int,
                   (count(*) filter (where dead))::int
            from host.delivery where tenant_id = $1 and done_at is null
            """,
            row => new DeliveryCounts(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2)), stop, tenant.Value);
        return counts[0];
    }

    /// <summary>Those of a state behind a position, the oldest event first.</summary>
    public Task<List<DeliveryView>> ListAsync(
        TenantId tenant, DeliveryState state, DeliveryPosition after, int most, CancellationToken stop)
        => sql.ReadAsync(
            tenant,
            $"""
            select d.event_id, d.kind, d.plugin, d.handler, o.key, o.happened_at, d.attempts, d.error, d.dead, d.next_at
            from host.delivery d join host.outbox o on o.tenant_id = $1 and o.id = d.event_id
            where d.tenant_id = $1 and d.done_at is null and {Of(state)} and (d.event_id, d.plugin, d.handler) > ($2, $3, $4)
            order by d.event_id, d.plugin, d.handler limit $5
            """,
            DeliveryView.Read, stop, tenant.Value, after.Event, after.Plugin, after.Handler, most);

    /// <summary>Has dead ones delivered after all, as if their events had just happened; and says so in the audit.</summary>
    public Task<int> ReplayAsync(TenantId tenant, DeadDeliveries which, string actor, Instant now, CancellationToken stop)
        => ChangeAsync(
            tenant, which, "delivery.replay",
            $"update host.delivery set dead = false, attempts = 0, next_at = now(), created_at = now() where {Wanted} returning 1",
            actor, now, stop);

    /// <summary>Removes dead ones: their events will not be delivered to these handlers.</summary>
    public Task<int> DropAsync(TenantId tenant, DeadDeliveries which, string actor, Instant now, CancellationToken stop)
        => ChangeAsync(tenant, which, "delivery.drop", $"delete from host.delivery where {Wanted} returning 1", actor, now, stop);

    async Task<int> ChangeAsync(
        TenantId tenant, DeadDeliveries which, string action, string change, string actor, Instant now, CancellationToken stop)
    {
        var counts = await sql.ReadAsync(
            tenant,
            $"""
            with changed as ({change}),
            noted as (
              insert into host.audit (tenant_id, id, happened_at, actor, action, object, detail)
              select $1, $6, $7, $8, $9, 'delivery/' || coalesce($2::text, 'many'),
                     jsonb_strip_nulls(jsonb_build_object('plugin', $3, 'handler', $4, 'dead_before', $5, 'count', count(*)))
              from changed having count(*) > 0)
            select count(*)::int from changed
            """,
            row => row.GetInt32(0), stop,
            tenant.Value, which.Event, which.Plugin, which.Handler, which.Before, Guid.CreateVersion7(), now, actor, action);
        return counts[0];
    }

    static object[] Named(Delivery delivery, EventSubscriber to)
        => [delivery.Context.Tenant.Value, delivery.Context.Id, to.Plugin, to.Handler];

    static string Of(DeliveryState state) => state switch
    {
        DeliveryState.Dead => "d.dead",
        DeliveryState.Failing => "not d.dead and d.error is not null",
        _ => "not d.dead",
    };
}
