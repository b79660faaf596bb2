using IspHost.Sdk;
using IspHost.Testing;
using Npgsql;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>When sessions go.</summary>
public sealed class RetentionTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Ended_sessions_go_with_what_was_asked_of_them_and_open_ones_stay()
    {
        await using var world = await World.CreateAsync(postgres);
        world.AddDevice();
        world.AddSubscriber();
        await PlayAsync(world, "ended", 1, 2);
        await PlayAsync(world, "open", 1);
        await world.Database.ScalarAsync<int>("""
            insert into radius.change_request (tenant_id, id, session_id, kind, access, reason, requested_by, as_of, requested_at, outcome)
            select tenant_id, gen_random_uuid(), id, 'change', 'full', 'test', 'test', now(), now(), 'no_answer' from radius.session
            """);

        Assert.Equal(0, await ForgetAsync(world, "2026-10-14"));
        Assert.Equal(1, await ForgetAsync(world, "2999-01-01"));
        Assert.Equal("open", Assert.Single(await world.SessionsAsync()).Key.AcctSessionId.ToString());
        Assert.Equal(1, await world.Database.ScalarAsync<long>("select count(*) from radius.change_request"));
    }

    [Fact]
    public async Task Sessions_whose_usage_has_not_been_billed_stay()
    {
        await using var world = await World.CreateAsync(postgres);
        world.AddDevice();
        await ContractAsync(world, world.AddSubscriber().Subscription);
        await PlayAsync(world, "ended", 1, 2);

        Assert.Equal(0, await ForgetAsync(world, "2999-01-01"));

        await world.Database.ScalarAsync<int>("""
            create function public.all_is_billed(uuid, daterange) returns boolean language sql as 'select true';
            select host.bills_usage('public.all_is_billed(uuid, daterange)')
            """);
        Assert.Equal(1, await ForgetAsync(world, "2999-01-01"));
    }

    static async Task PlayAsync(World world, string session, params uint[] statuses)
    {
        foreach (var status in statuses)
            await world.AccountAsync(new Peer(4, (byte)status).Integer(40, status).Text(44, session).Text(1, "demo-user").ToAccounting());
    }

    /// <summary>As the host does it.</summary>
    static Task<int> ForgetAsync(World world, string before)
        => world.Database.Of<RadiusDb>(options => new RadiusDb(options)).OnConnectionAsync(world.Tenant.Id, async (connection, stop) =>
        {
            await using var command = new NpgsqlCommand($"select radius.forget_sessions('{before}', 100)", connection);
            return (int)(await command.ExecuteScalarAsync(stop))!;
        }, TestContext.Current.CancellationToken);

    /// <summary>A contract whose usage costs something.</summary>
    static Task<int> ContractAsync(World world, SubscriptionId service)
    {
        var tenant = world.Tenant.Id;
        return world.Database.ScalarAsync<int>($"""
            insert into host.customer (tenant_id, id, portal_id, name, country, segment, since)
            values ('{tenant}', '{tenant}', '1', 'A customer', 'GR', 'home', '2020-01-01');
            insert into host.plan (tenant_id, id, code) values ('{tenant}', '{tenant}', 'metered');
            insert into host.plan_version (tenant_id, plan_id, version, name, published_at, up, down, throttled, session_limit,
              interim_seconds, currency, interval_months, timing, proration, tax_class, usage_rule, usage_rate)
            values ('{tenant}', '{tenant}', 1, 'A plan', now(), 1, 1, 1, 0, 600, 'EUR', 1, 'arrears', 'none', 'standard', 'flat', 1);
            insert into host.subscription (tenant_id, id, customer_id, state, user_name, password, activated_on)
            values ('{tenant}', '{service}', '{tenant}', 'active', 'demo-user', '', '2023-01-01');
            insert into host.contract_version (tenant_id, id, subscription_id, customer_id, plan_id, plan_version, anchor, valid_from)
            values ('{tenant}', '{service}', '{service}', '{tenant}', '{tenant}', 1, '2023-01-01', '2023-01-01')
            """);
    }
}
