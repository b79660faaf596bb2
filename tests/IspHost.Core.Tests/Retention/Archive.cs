using IspHost.Core.Database;
using IspHost.Core.Hosting;
using IspHost.Core.Plugins;
using IspHost.Core.Retention;
using IspHost.Core.Secrets;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NodaTime.Testing;

namespace IspHost.Core.Tests.Retention;

/// <summary>Tenants with rows of all ages in October 2026, and somebody who bills their usage.</summary>
sealed class Archive : IAsyncDisposable
{
    readonly TestDatabase database;
    readonly ServiceProvider services;

    Archive(TestDatabase database)
    {
        this.database = database;
        services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IClock>(new FakeClock(Instant.FromUtc(2026, 10, 14, 9, 0)))
            .AddIspHost((HostConnections)database.Database, VaultKeys.Of(new byte[32]), new PluginFolders([]))
            .BuildServiceProvider();
    }

    public OldRows Old => services.GetRequiredService<OldRows>();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<Archive> OpenAsync(PostgresFixture postgres, bool bills = true)
    {
        var archive = new Archive(await postgres.CreateAsync());
        await archive.RunAsync("""
            create schema bills;
            grant usage on schema bills to isphost_app;
            create table bills.billed (service uuid, days daterange);
            grant select on bills.billed to isphost_app;
            create function bills.is_billed(uuid, daterange) returns boolean language sql stable as
              'select coalesce(range_agg(days) @> $2, false) from bills.billed where service = $1'
            """);
        if (bills)
            await archive.RunAsync("select host.bills_usage('bills.is_billed(uuid, daterange)')");
        return archive;
    }

    public async Task<TenantId> AddTenantAsync(string code)
    {
        var tenant = await database.AddTenantAsync(code);
        await RunAsync($"""
            insert into host.customer (tenant_id, id, portal_id, name, country, segment, since)
            values ('{tenant}', '{tenant}', '1', 'A customer', 'GR', 'home', '2020-01-01')
            """);
        await services.GetRequiredService<TenantDirectory>().ReloadAsync(Stop);
        return tenant;
    }

    /// <summary>A service that runs since 2023, and whose usage costs something unless the test says otherwise.</summary>
    public async Task<SubscriptionId> AddServiceAsync(TenantId tenant, bool hasUsagePrice = true)
    {
        var id = SubscriptionId.New();
        await RunAsync($"""
            insert into host.plan (tenant_id, id, code) values ('{tenant}', '{id}', '{id}');
            insert into host.plan_version (tenant_id, plan_id, version, name, published_at, up, down, throttled, session_limit,
              interim_seconds, currency, interval_months, timing, proration, tax_class, usage_rule, usage_rate)
            values ('{tenant}', '{id}', 1, 'A plan', now(), 1, 1, 1, 0, 600, 'EUR', 1, 'arrears', 'none', 'standard',
              {(hasUsagePrice ? "'flat', 1" : "null, null")});
            insert into host.subscription (tenant_id, id, customer_id, state, user_name, password, activated_on)
            values ('{tenant}', '{id}', '{tenant}', 'active', '{id}', '', '2023-01-01');
            insert into host.contract_version (tenant_id, id, subscription_id, customer_id, plan_id, plan_version, anchor, valid_from)
            values ('{tenant}', '{id}', '{id}', '{tenant}', '{id}', 1, '2023-01-01', '2023-01-01')
            """);
        return id;
    }

    /// <summary>The service used something at these times, whose months have a partition each.</summary>
    public async Task UseAsync(TenantId tenant, SubscriptionId service, params string[] times)
    {
        foreach (var time in times)
            await RunAsync($"""
                select host.add_usage_month('{time}'::date);
                insert into host.usage (tenant_id, started_at, id, subscription_id, ended_at, bytes_up, bytes_down)
                values ('{tenant}', '{time}+00', gen_random_uuid(), '{service}', '{time}+00', 1, 1)
                """);
    }

    public Task BillAsync(SubscriptionId service, string from, string to)
        => RunAsync($"insert into bills.billed values ('{service}', daterange('{from}', '{to}'))");

    /// <summary>All that is old goes, as if a day were over.</summary>
    public async Task KeepHouseAsync()
    {
        await RunAsync("update host.retention set next_at = now()");
        await services.GetRequiredService<RetentionRounds>().RunAsync(Stop);
    }

    /// <summary>When the service used what is still known of it.</summary>
    public async Task<string> UsageOfAsync(SubscriptionId service) => (await ScalarAsync<string>($"""
        select coalesce(string_agg(to_char(started_at at time zone 'UTC', 'YYYY-MM-DD'), ' ' order by started_at), '')
        from host.usage where subscription_id = '{service}'
        """))!;

    public Task<bool> HasMonthAsync(string month) => ScalarAsync<bool>($"select to_regclass('host.usage_{month}') is not null");

    public Task RunAsync(string sql) => database.ScalarAsync<object>(sql);

    public Task<T?> ScalarAsync<T>(string sql) => database.ScalarAsync<T>(sql);

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }
}
