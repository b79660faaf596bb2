using IspHost.Sdk;
using IspHost.Testing;
using NodaTime;

namespace IspHost.Core.Tests.Retention;

public sealed class Old_rows(PostgresFixture postgres)
{
    [Fact]
    public async Task Of_one_tenant_that_cannot_go_do_not_keep_those_of_another()
    {
        await using var archive = await Archive.OpenAsync(postgres);
        var (north, south) = (await archive.AddTenantAsync("north"), await archive.AddTenantAsync("south"));
        foreach (var tenant in new[] { north, south })
            await AuditAsync(archive, tenant, 2020, 2026);
        await archive.RunAsync($"""
            create function public.refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end';
            create trigger refuse before delete on host.audit for each row when (old.tenant_id = '{north}')
              execute function public.refuse()
            """);

        await archive.KeepHouseAsync();

        Assert.Equal((2L, 1L), (await CountAsync(archive, "audit", north), await CountAsync(archive, "audit", south)));
    }

    [Fact]
    public async Task Go_on_going_with_the_tenants_that_a_round_had_no_time_for()
    {
        await using var archive = await Archive.OpenAsync(postgres);
        TenantId[] made = [await archive.AddTenantAsync("north"), await archive.AddTenantAsync("south")];
        var tenants = made.OrderBy(tenant => tenant.Value).ToList();
        foreach (var tenant in tenants)
            await AuditAsync(archive, tenant, 2020, 2026);
        await archive.RunAsync($"update host.retention set reached = '{tenants[0]}' where subject = 'host.audit'");

        await archive.KeepHouseAsync();
        Assert.Equal((2L, 1L), (await CountAsync(archive, "audit", tenants[0]), await CountAsync(archive, "audit", tenants[1])));

        await archive.KeepHouseAsync();
        Assert.Equal(1L, await CountAsync(archive, "audit", tenants[0]));
    }

    [Fact]
    public async Task Of_several_tenants_go_in_one_step_until_it_has_enough()
    {
        await using var archive = await Archive.OpenAsync(postgres);
        TenantId[] tenants = [await archive.AddTenantAsync("a"), await archive.AddTenantAsync("b"), await archive.AddTenantAsync("c")];
        foreach (var tenant in tenants)
            await AuditAsync(archive, tenant, 2018, 2019, 2026);
        var now = Instant.FromUtc(2026, 10, 14, 9, 0);

        var turns = await archive.Old.ForgetAsync(
            new("host.audit", default), [.. tenants.Select(tenant => (tenant, now))], most: 3, TestContext.Current.CancellationToken);

        var left = await Task.WhenAll(tenants.Select(tenant => CountAsync(archive, "audit", tenant)));
        Assert.Equal([new(2, true, null), new(1, false, null)], turns);
        Assert.Equal([1L, 2L, 3L], left);
    }

    [Fact]
    public async Task Are_one_nodes_to_delete_at_a_time_and_anothers_when_that_one_is_killed()
    {
        await using var archive = await Archive.OpenAsync(postgres);
        await archive.RunAsync("delete from host.retention where subject <> 'host.audit'");
        var stop = TestContext.Current.CancellationToken;

        Assert.Equal("host.audit", (await archive.Old.TakeAsync(stop))?.Subject);
        Assert.Null(await archive.Old.TakeAsync(stop));

        await archive.RunAsync("update host.retention set next_at = next_at - interval '15 minutes'");
        Assert.Equal("host.audit", (await archive.Old.TakeAsync(stop))?.Subject);
    }

    [Fact]
    public async Task Of_the_operator_go_by_the_real_time_and_as_late_as_the_operator_says()
    {
        await using var archive = await Archive.OpenAsync(postgres);
        var north = await archive.AddTenantAsync("north");
        await archive.RunAsync("update host.tenant set test_clock = '2099-01-01'");
        await archive.AddTenantAsync("south"); // Which has the tenants read again.
        await archive.RunAsync($"""
            insert into host.tenant_retention values ('{north}', 'host.operator_audit', 365);
            insert into host.operator_audit (id, actor, action, object)
            select host.id_at(now() - make_interval(days => days)), 'key:test', days::text, 'test/1' from unnest(array[1000, 1200]) days
            """);

        await archive.KeepHouseAsync();

        Assert.Equal("1000", await archive.ScalarAsync<string>("select string_agg(action, ' ') from host.operator_audit"));
    }

    [Fact]
    public async Task Of_events_go_when_all_have_handled_them_and_when_those_that_nobody_could_handle_are_old_enough()
    {
        await using var archive = await Archive.OpenAsync(postgres);
        var north = await archive.AddTenantAsync("north");
        await PublishAsync(archive, north, "handled", 60, "now()", dead: false);
        await PublishAsync(archive, north, "waits", 60, "null", dead: false);
        await PublishAsync(archive, north, "dead", 60, "null", dead: true);
        await PublishAsync(archive, north, "long-dead", 120, "null", dead: true);
        await PublishAsync(archive, north, "young", 10, "now()", dead: false);

        await archive.KeepHouseAsync();
        await archive.KeepHouseAsync();

        Assert.Equal(
            "dead waits young", await archive.ScalarAsync<string>("select string_agg(key, ' ' order by key) from host.outbox"));
    }

    [Fact]
    public async Task Of_ended_runs_go_with_their_partitions()
    {
        await using var archive = await Archive.OpenAsync(postgres);
        var north = await archive.AddTenantAsync("north");
        await archive.RunAsync($"""
            insert into host.job_run (tenant_id, plugin, job, key, argument, state, started_at, finished_at)
            select '{north}', 'Billing', 'bill-run', key, '', state, '2024-01-01', finished
            from (values ('old', 'done', '2024-01-01'::timestamptz), ('stuck', 'running', null), ('young', 'done', '2026-10-01'))
              as r (key, state, finished);
            insert into host.job_partition (tenant_id, plugin, job, key, partition) values ('{north}', 'Billing', 'bill-run', 'old', 0)
            """);

        await archive.KeepHouseAsync();

        Assert.Equal(
            "stuck young", await archive.ScalarAsync<string>("select string_agg(key, ' ' order by key) from host.job_run"));
        Assert.Equal(0L, await CountAsync(archive, "job_partition", north));
    }

    static async Task AuditAsync(Archive archive, TenantId tenant, params int[] years)
    {
        foreach (var year in years)
        {
            var id = Guid.CreateVersion7(new(year, 1, 1, 0, 0, 0, TimeSpan.Zero));
            await archive.RunAsync($"""
                insert into host.audit (tenant_id, id, happened_at, actor, action, object)
                values ('{tenant}', '{id}', '{year}-01-01', 'key:test', 'test', 'test/1')
                """);
        }
    }

    /// <summary>An event of some days ago, with one delivery.</summary>
    static Task PublishAsync(Archive archive, TenantId tenant, string key, int days, string doneAt, bool dead)
    {
        var id = Guid.CreateVersion7(new DateTimeOffset(2026, 10, 14, 9, 0, 0, TimeSpan.Zero).AddDays(-days));
        return archive.RunAsync($"""
            insert into host.outbox (tenant_id, id, kind, key, happened_at, body) values ('{tenant}', '{id}', 'test', '{key}', now(), '1');
            insert into host.delivery (tenant_id, event_id, plugin, handler, kind, done_at, dead, next_at)
            values ('{tenant}', '{id}', 'Test', 'test', 'test', {doneAt}, {dead}, '2026-10-14'::timestamptz - interval '{days} days')
            """);
    }

    static Task<long> CountAsync(Archive archive, string table, TenantId tenant)
        => archive.ScalarAsync<long>($"select count(*) from host.{table} where tenant_id = '{tenant}'");
}
