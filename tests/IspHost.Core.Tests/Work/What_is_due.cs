using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Testing;

namespace IspHost.Core.Tests.Work;

public sealed class What_is_due(PostgresFixture postgres)
{
    static readonly Lane Mail = new("event", "Shop", "access.changed Mail");
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>What the rows say, and what the table of what is due says; the test is that nothing is left of both.</summary>
    const string Differences = """
        with said as (
          select tenant_id, 'event' as kind, plugin, kind || ' ' || handler as name, event_id::text as id, -1 as part,
                 case when dead then 'infinity' else next_at end as at
          from host.delivery where done_at is null
          union all
          select tenant_id, 'job', plugin, job, key, -1, next_at from host.job_run where state = 'running' and open = 0
          union all
          select p.tenant_id, 'job', p.plugin, p.job, p.key, p.partition, p.next_at
          from host.job_partition p join host.job_run r using (tenant_id, plugin, job, key) where p.done_at is null and r.state = 'running'
          union all
          select tenant_id, 'actor', plugin, type, id, -1, wake_at from host.actor where wake_at is not null),
        due as (select tenant_id, kind, plugin, name, id, part, at from host.due)
        select coalesce(string_agg(d::text, '; '), '')
        from ((table said except table due) union all (table due except table said)) d
        """;

    [Fact]
    public async Task Follows_its_rows_whoever_writes_them()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        string[] changes =
        [
            "insert into host.event_subscriber values ('Shop', '1.0.0')",
            "insert into host.event_subscription values ('Shop', 'paid', 'Mail'), ('Shop', 'paid', 'Print'), ('Shop', 'other', 'Mail')",
            $"""
             insert into host.outbox (tenant_id, id, kind, key, happened_at, body)
             select '{tenant}', gen_random_uuid(), kind, n::text, now(), '1'
             from generate_series(1, 3) n, (values ('paid'), ('unheard')) k (kind)
             """,
            "update host.delivery set attempts = attempts + 1",
            "update host.delivery set next_at = now() + interval '1 hour', error = 'no' where handler = 'Mail'",
            "update host.delivery set dead = true where handler = 'Print'",
            "update host.delivery set dead = false where handler = 'Print'",
            "update host.delivery set done_at = now() where handler = 'Print'",
            "delete from host.delivery where handler = 'Mail'",
            $"insert into host.job_run (tenant_id, plugin, job, key, argument) values ('{tenant}', 'Shop', 'bill', 'k', '')",
            "update host.job_run set next_at = now() + interval '1 hour'",
            "update host.job_run set partitions = 3, open = 3",
            $"insert into host.job_partition select '{tenant}', 'Shop', 'bill', 'k', n from generate_series(0, 2) n",
            "update host.job_partition set next_at = now() + interval '1 hour' where partition = 1",
            "update host.job_partition set done_at = now() where partition = 0",
            "update host.job_run set open = 0, next_at = now()",
            "update host.job_run set state = 'failed', finished_at = now()",
            $"""
             insert into host.actor (tenant_id, plugin, type, id, state_schema, state_version, state, wake_at, wake_message)
             values ('{tenant}', 'Shop', 'till', '1', 's', 1, '', now(), ''), ('{tenant}', 'Shop', 'till', '2', 's', 1, '', null, null)
             """,
            "update host.actor set wake_at = now() + interval '1 hour' where wake_at is not null",
            "update host.actor set wake_at = now(), wake_message = ''",
            "update host.actor set wake_at = null, wake_message = null where id = '1'",
            "delete from host.actor where id = '2'",
        ];

        foreach (var change in changes)
        {
            await database.ScalarAsync<int>(change);
            Assert.Equal((change, ""), (change, await database.ScalarAsync<string>(Differences)));
        }
    }

    [Fact]
    public async Task Is_given_out_tenant_by_tenant_everybodys_first_before_anybodys_second()
    {
        await using var database = await postgres.CreateAsync();
        var rows = new DueRows(database.Database);
        var tenants = await TenantsAsync(database, 3);
        await AddAsync(database, tenants[0], 100);
        await AddAsync(database, tenants[1], 2);
        await AddAsync(database, tenants[2], 1);

        var taken = await rows.TakeAsync(Mail, new Places(8), default, Lease, Stop);

        Assert.Equal([4, 2, 1], tenants.Select(tenant => taken.Count(item => item.Tenant == tenant)));
    }

    [Fact]
    public async Task Begins_behind_the_tenant_who_was_served_last()
    {
        await using var database = await postgres.CreateAsync();
        var rows = new DueRows(database.Database);
        var tenants = await TenantsAsync(database, 3);
        foreach (var tenant in tenants)
            await AddAsync(database, tenant, 2);

        var first = await rows.TakeAsync(Mail, new Places(1), default, Lease, Stop);
        var second = await rows.TakeAsync(Mail, new Places(1), first[0].Tenant, Lease, Stop);
        var third = await rows.TakeAsync(Mail, new Places(1), second[0].Tenant, Lease, Stop);
        var fourth = await rows.TakeAsync(Mail, new Places(1), third[0].Tenant, Lease, Stop);

        Assert.Equal(tenants, new List<TenantId> { first[0].Tenant, second[0].Tenant, third[0].Tenant });
        Assert.Empty(fourth);
    }

    [Fact]
    public async Task Is_never_given_to_two_nodes()
    {
        await using var database = await postgres.CreateAsync();
        foreach (var tenant in await TenantsAsync(database, 20))
            await AddAsync(database, tenant, 5);

        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => new DueRows(database.Database).TakeAsync(Mail, new Places(200), default, Lease, Stop)));

        var all = taken.SelectMany(items => items).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Equal(all.Count, await database.ScalarAsync<long>("select count(*) from host.due where node is not null"));
    }

    [Fact]
    public async Task Stays_with_its_node_while_that_renews_and_can_be_given_back()
    {
        await using var database = await postgres.CreateAsync();
        var (mine, theirs) = (new DueRows(database.Database), new DueRows(database.Database));
        await AddAsync(database, (await TenantsAsync(database, 1))[0], 1);
        var item = Assert.Single(await mine.TakeAsync(Mail, new Places(8), default, TimeSpan.Zero, Stop));

        await theirs.RenewAsync([item], Lease, Stop);
        Assert.Equal(TimeSpan.Zero, (await mine.LookAsync([Mail], Stop)).Next);
        await mine.RenewAsync([item], Lease, Stop);
        await theirs.RipenAsync(Stop);
        Assert.Empty(await theirs.TakeAsync(Mail, new Places(8), default, Lease, Stop));
        await mine.GiveBackAsync([item], Stop);

        Assert.Equal([item], await theirs.TakeAsync(Mail, new Places(8), default, Lease, Stop));
        await mine.DropAsync(item, Stop);
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from host.due"));
        await theirs.DropAsync(item, Stop);
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from host.due"));
    }

    [Fact]
    public async Task Is_given_back_if_its_node_has_it_without_knowing()
    {
        await using var database = await postgres.CreateAsync();
        var (mine, theirs) = (new DueRows(database.Database), new DueRows(database.Database));
        await AddAsync(database, (await TenantsAsync(database, 1))[0], 3);
        var known = Assert.Single(await mine.TakeAsync(Mail, new Places(1), default, Lease, Stop));
        var unheard = Assert.Single(await mine.TakeAsync(Mail, new Places(1), default, Lease, Stop));
        var others = Assert.Single(await theirs.TakeAsync(Mail, new Places(1), default, Lease, Stop));

        await mine.GiveBackAllButAsync([known], Stop);

        Assert.Equal([unheard], await theirs.TakeAsync(Mail, new Places(8), default, Lease, Stop));
        await theirs.GiveBackAllButAsync([], Stop);
        Assert.Equal(
            new[] { unheard, others }.ToHashSet(), (await theirs.TakeAsync(Mail, new Places(8), default, Lease, Stop)).ToHashSet());
    }

    [Fact]
    public async Task Comes_of_age()
    {
        await using var database = await postgres.CreateAsync();
        var rows = new DueRows(database.Database);
        await AddAsync(database, (await TenantsAsync(database, 1))[0], 1);
        await database.ScalarAsync<int>("update host.due set ready = false, at = now() + interval '100 s'");
        Assert.InRange((await rows.LookAsync([Mail], Stop)).Next.TotalSeconds, 90, 100);

        await database.ScalarAsync<int>("update host.due set at = now() - interval '1 s'");
        Assert.Equal(TimeSpan.Zero, (await rows.LookAsync([Mail], Stop)).Next);
        Assert.Empty((await rows.LookAsync([Mail], Stop)).Waiting);
        await rows.RipenAsync(Stop);

        Assert.Equal([Mail], (await rows.LookAsync([Mail], Stop)).Waiting);
    }

    static async Task<TenantId[]> TenantsAsync(TestDatabase database, int count)
    {
        var tenants = new List<TenantId>();
        for (var i = 0; i < count; i++)
            tenants.Add(await database.AddTenantAsync($"tenant-{i}"));
        return [.. tenants.OrderBy(tenant => tenant.Value)];
    }

    static Task<int> AddAsync(TestDatabase database, TenantId tenant, int count)
        => database.ScalarAsync<int>(
            $"""
            insert into host.due (tenant_id, kind, plugin, name, id, at, ready)
            select '{tenant}', '{Mail.Kind}', '{Mail.Plugin}', '{Mail.Name}', n::text, now(), true from generate_series(1, {count}) n
            """);
}

public sealed class Places_of_a_lane
{
    [Fact]
    public void Are_counted_by_tenant()
    {
        var (one, other, places) = (TenantId.New(), TenantId.New(), new Places(4));

        places.Take(one);
        places.Take(one);
        places.Take(other);
        places.GiveBack(one);

        Assert.Equal(2, places.Free);
        Assert.Equivalent(new Dictionary<TenantId, int> { [one] = 1, [other] = 1 }, places.Held);
        places.GiveBack(one);
        Assert.Equal([other], places.Held.Keys);
    }
}
