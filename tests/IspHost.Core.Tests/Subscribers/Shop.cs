using IspHost.Core.Audit;
using IspHost.Core.Changes;
using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Core.Hosting;
using IspHost.Core.Network;
using IspHost.Core.Plugins;
using IspHost.Core.Secrets;
using IspHost.Core.Subscribers;
using IspHost.Core.Subscriptions;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NodaTime.Testing;

namespace IspHost.Core.Tests.Subscribers;

/// <summary>A tenant in Athens with two plans, and the memory of one node, which learns of changes only when the test says so.</summary>
sealed class Shop : IAsyncDisposable
{
    public static readonly Instant Noon = Instant.FromUtc(2026, 10, 14, 9, 0);

    readonly TestDatabase database;
    readonly ServiceProvider services;

    Shop(TestDatabase database)
    {
        this.database = database;
        services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IClock>(Clock)
            .AddIspHost((HostConnections)database.Database, VaultKeys.Of(new byte[32]), new PluginFolders([]))
            .BuildServiceProvider();
    }

    public FakeClock Clock { get; } = new(Noon);

    public TenantId Tenant { get; private set; }

    public SubscriberDirectory Memory => services.GetRequiredService<SubscriberDirectory>();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<Shop> OpenAsync(PostgresFixture postgres)
    {
        var shop = new Shop(await postgres.CreateAsync());
        shop.Tenant = await shop.database.AddTenantAsync("north");
        await shop.RunAsync($"""
            insert into host.customer (tenant_id, id, portal_id, name, country, segment, since)
            values ('{shop.Tenant}', '{shop.Tenant}', '1', 'A customer', 'GR', 'home', '2026-01-01')
            """);
        await shop.AddPlanAsync("slow", 10_000_000);
        await shop.AddPlanAsync("fast", 100_000_000);
        await shop.HearOfAllAsync();
        return shop;
    }

    /// <summary>Adds an active service with contracts on these plans, each from and up to a day.</summary>
    public async Task<SubscriptionId> AddServiceAsync(string userName, params (string Plan, string From, string? To)[] contracts)
    {
        var id = SubscriptionId.New();
        var password = Convert.ToHexString(services.GetRequiredService<Vault>().Seal(SealedColumn.Password.At(Tenant, id.Value), "secret"));
        await RunAsync($"""
            insert into host.subscription (tenant_id, id, customer_id, state, user_name, password, activated_on)
            values ('{Tenant}', '{id}', '{Tenant}', 'active', '{userName}', '\x{password}', '{contracts[0].From}')
            """);
        foreach (var (plan, from, to) in contracts)
            await RunAsync($"""
                insert into host.contract_version
                  (tenant_id, id, subscription_id, customer_id, plan_id, plan_version, anchor, valid_from, valid_to)
                select '{Tenant}', gen_random_uuid(), '{id}', '{Tenant}', p.id, 1, '{from}', '{from}', {(to is null ? "null" : $"'{to}'")}
                from host.plan p where p.code = '{plan}'
                """);
        return id;
    }

    /// <summary>What the API does on a request, which changes rows and nobody's memory.</summary>
    public Task<LifecycleResult> DoAsync(SubscriptionId service, SubscriptionCommand command)
        => services.GetRequiredService<Lifecycle>().RunAsync(
            new Caller(Tenant, "key:test", services.GetRequiredService<TenantDirectory>().Now(Tenant)), service, command,
            isSeen: null, alongside: null, Stop);

    /// <summary>The node hears that a service has changed.</summary>
    public Task HearOfAsync(SubscriptionId service) => Memory.FollowAsync(new ChangedRows(Tenant, [service.Value]), Stop);

    /// <summary>The node reads everything, as at its start.</summary>
    public async Task HearOfAllAsync()
    {
        await services.GetRequiredService<TenantDirectory>().ReloadAsync(Stop);
        await Memory.LoadAsync(Stop);
    }

    /// <summary>What a reading that begins now finds. When it arrives is the test's to say.</summary>
    public Task<Reading> ReadAsync(SubscriptionId service)
        => services.GetRequiredService<SubscriberReader>().ReadAsync(Tenant, [service.Value], Stop);

    public UnreadableRows Unreadable => services.GetRequiredService<UnreadableRows>();

    public AddressBook Addresses => services.GetRequiredService<AddressBook>();

    public TestDatabase Database => database;

    /// <summary>Registers customers, as many requests at once do.</summary>
    public Task<long> DrawNumbersAsync(int count) => services.GetRequiredService<TenantDatabase<IspDb>>().InTransactionAsync(
        Tenant, (db, stop) => PortalId.DrawAsync(db, Tenant, count, stop), Stop);

    public Task RunAsync(string sql) => database.ScalarAsync<object>(sql);

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }

    Task AddPlanAsync(string code, long down) => RunAsync($"""
        with p as (insert into host.plan (tenant_id, id, code) values ('{Tenant}', gen_random_uuid(), '{code}') returning *)
        insert into host.plan_version (tenant_id, plan_id, version, name, published_at, up, down, throttled, session_limit,
          interim_seconds, currency, interval_months, timing, proration, tax_class)
        select tenant_id, id, 1, code, now(), 1000000, {down}, 512000, 0, 600, 'EUR', 1, 'advance', 'none', 'standard' from p
        """);
}
