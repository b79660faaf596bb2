using IspHost.Sdk;
using IspHost.Sdk.Data;
using Npgsql;

namespace IspHost.Core.Work;

/// <summary>The table of what is due. Nodes share it by row locks that none waits for.</summary>
sealed class DueRows(IDatabase database)
{
    const string Same = "(d.tenant_id, d.kind, d.plugin, d.name, d.id, d.part) = (t.tenant_id, t.kind, t.plugin, t.name, t.id, t.part)";
    const string Given = "unnest($1, $2, $3, $4, $5, $6) as t (tenant_id, kind, plugin, name, id, part)";
    const int RipeAtOnce = 1000;

    /// <summary>Tells what this process has taken from what others have.</summary>
    readonly Guid node = Guid.NewGuid();

    /// <summary>Which of the lanes have something to be taken, and how long it is until something else comes of age.</summary>
    public async Task<Outlook> LookAsync(IReadOnlyList<Lane> lanes, CancellationToken stop)
    {
        await using var command = database.Connections.CreateCommand("""
            select 0, extract(epoch from at - now())::float8
            from (select at from host.due where not ready and at < 'infinity' order by at limit 1) soonest
            union all
            select l.n::int, 0 from unnest($1, $2, $3) with ordinality l (kind, plugin, name, n)
            where exists (
              select from host.due d where d.kind = l.kind and d.plugin = l.plugin and d.name = l.name and d.ready)
            """);
        Add(command, lanes.Select(lane => lane.Kind));
        Add(command, lanes.Select(lane => lane.Plugin));
        Add(command, lanes.Select(lane => lane.Name));
        await using var reader = await command.ExecuteReaderAsync(stop);
        var (waiting, next) = (new List<Lane>(), TimeSpan.MaxValue);
        while (await reader.ReadAsync(stop))
        {
            if (reader.GetInt32(0) is var number and > 0)
                waiting.Add(lanes[number - 1]);
            else
                next = TimeSpan.FromSeconds(Math.Clamp(reader.GetDouble(1), 0, 3600));
        }
        return new Outlook(waiting, next);
    }

    /// <summary>Makes ready what has come of age, and what a node has let go of by dying.</summary>
    public Task RipenAsync(CancellationToken stop)
        => ExecuteAsync(
            $"""
            with t as (
              select tenant_id, kind, plugin, name, id, part from host.due
              where not ready and at <= now() order by at limit {RipeAtOnce} for update skip locked)
            update host.due d set ready = true, node = null from t where {Same}
            """,
            [], stop);

    /// <summary>Takes what is ready in a lane for as many places as are free, tenant by tenant.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="places">Its places.</param>
    /// <param name="after">The tenant who was served last: those behind them come first.</param>
    /// <param name="lease">How long others leave it alone.</param>
    /// <param name="stop">Stops the statement.</param>
    /// <remarks>
    /// It steps from tenant to tenant by the index, so the length of one's queue costs the others nothing. Everybody's first comes
    /// before anybody's second.
    /// </remarks>
    public async Task<IReadOnlyList<DueItem>> TakeAsync(
        Lane lane, Places places, TenantId after, TimeSpan lease, CancellationToken stop)
    {
        await using var command = database.Connections.CreateCommand("""
            with recursive tenant as (
              (select tenant_id, 1 as n from host.due
               where kind = $1 and plugin = $2 and name = $3 and ready and tenant_id > $4 order by tenant_id limit 1)
              union all
              select (select d.tenant_id from host.due d
                      where d.kind = $1 and d.plugin = $2 and d.name = $3 and d.ready and d.tenant_id > tenant.tenant_id
                      order by d.tenant_id limit 1), n + 1
              from tenant where tenant_id is not null and n < $8 + cardinality($5)
            ),
            share as (
              select tenant.tenant_id, n,
                     greatest(($7 - $9 + coalesce(h.places, 0)) / 2, 1) - coalesce(h.places, 0) as most
              from tenant left join unnest($5, $6) h (tenant_id, places) using (tenant_id)
              where tenant.tenant_id is not null
            ),
            taken as (
              select share.tenant_id, its.id, its.part
              from share cross join lateral (
                select row_number() over (order by found.at) as turn, found.id, found.part
                from (select d.id, d.part, d.at from host.due d
                      where d.kind = $1 and d.plugin = $2 and d.name = $3 and d.ready and d.tenant_id = share.tenant_id
                      order by d.at limit greatest(share.most, 0) for update skip locked) found) its
              order by its.turn, share.n limit $8
            )
            update host.due d set ready = false, node = $10, at = now() + make_interval(secs => $11)
            from taken t
            where d.kind = $1 and d.plugin = $2 and d.name = $3 and (d.tenant_id, d.id, d.part) = (t.tenant_id, t.id, t.part)
            returning d.tenant_id, d.id, d.part
            """);
        var held = places.Held;
        var taken = held.Values.Sum();
        object[] values =
        [
            lane.Kind, lane.Plugin, lane.Name, after.Value, held.Keys.Select(tenant => tenant.Value).ToArray(), held.Values.ToArray(),
            places.Most, places.Most - taken, taken, node, lease.TotalSeconds,
        ];
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync(stop);
        var items = new List<DueItem>();
        while (await reader.ReadAsync(stop))
            items.Add(new DueItem(lane, new TenantId(reader.GetGuid(0)), reader.GetString(1), reader.GetInt32(2)));
        return items;
    }

    /// <summary>Goes on having what is under way. What is being settled at this moment is left alone.</summary>
    public Task RenewAsync(IReadOnlyCollection<DueItem> items, TimeSpan lease, CancellationToken stop)
        => ExecuteAsync(
            $"""
            with t as (
              select d.tenant_id, d.kind, d.plugin, d.name, d.id, d.part from host.due d join {Given} on {Same}
              where d.node = $7 for update of d skip locked)
            update host.due d set at = now() + make_interval(secs => $8) from t where {Same}
            """,
            [.. Keys(items), node, lease.TotalSeconds], stop);

    /// <summary>This node will not do it after all, and another one need not wait for its lease to end.</summary>
    public Task GiveBackAsync(IReadOnlyCollection<DueItem> items, CancellationToken stop)
        => ExecuteAsync(
            $"update host.due d set ready = true, node = null, at = now() from {Given} where {Same} and d.node = $7",
            [.. Keys(items), node], stop);

    /// <summary>
    /// Gives back what this node has without knowing: it was taken, or not settled, while nobody heard what the database said to it.
    /// </summary>
    public Task GiveBackAllButAsync(IReadOnlyCollection<DueItem> underWay, CancellationToken stop)
        => ExecuteAsync(
            $"""
            update host.due d set ready = true, node = null, at = now()
            where d.node = $7 and not exists (select from {Given} where {Same})
            """,
            [.. Keys(underWay), node], stop);

    /// <summary>There is nothing behind it any more.</summary>
    public Task DropAsync(DueItem item, CancellationToken stop)
        => ExecuteAsync($"delete from host.due d using {Given} where {Same} and d.node = $7", [.. Keys([item]), node], stop);

    async Task ExecuteAsync(string statement, object[] values, CancellationToken stop)
    {
        await using var command = database.Connections.CreateCommand(statement);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync(stop);
    }

    static object[] Keys(IReadOnlyCollection<DueItem> items) =>
    [
        items.Select(item => item.Tenant.Value).ToArray(), items.Select(item => item.Lane.Kind).ToArray(),
        items.Select(item => item.Lane.Plugin).ToArray(), items.Select(item => item.Lane.Name).ToArray(),
        items.Select(item => item.Id).ToArray(), items.Select(item => item.Part).ToArray(),
    ];

    static void Add(NpgsqlCommand command, IEnumerable<string> texts)
        => command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. texts] });
}

/// <summary>What a look at the table has found.</summary>
/// <param name="Waiting">The lanes in which something is ready.</param>
/// <param name="Next">How long until something comes of age in any lane; zero if it has.</param>
readonly record struct Outlook(IReadOnlyList<Lane> Waiting, TimeSpan Next);
