using IspHost.Core.AccessLocks;
using IspHost.Core.Subscriptions;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using IspHost.Testing;
using NodaTime;

namespace IspHost.Core.Tests.Subscribers;

/// <summary>What a node knows about who may go online, while no row changes and time goes on.</summary>
public sealed class Subscribers_in_memory(PostgresFixture postgres)
{
    /// <summary>In Athens, which is three hours ahead of UTC in summer.</summary>
    static readonly Instant Midnight = Instant.FromUtc(2026, 10, 14, 21, 0);

    [Fact]
    public async Task A_plan_that_begins_at_midnight_holds_from_midnight_of_the_tenants_zone()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        var service = await shop.AddServiceAsync("u1", ("slow", "2026-01-01", "2026-10-15"), ("fast", "2026-10-15", null));
        await shop.HearOfAsync(service);

        shop.Clock.Reset(Midnight - Duration.FromSeconds(1));
        Assert.Equal(BitRate.FromMegabits(10), shop.Memory.Find(shop.Tenant, "u1")?.Profile.Down);
        shop.Clock.Reset(Midnight);
        Assert.Equal(BitRate.FromMegabits(100), shop.Memory.Find(shop.Tenant, "u1")?.Profile.Down);
        Assert.Equal(BitRate.FromMegabits(100), shop.Memory.Find(shop.Tenant, service)?.Profile.Down);
    }

    [Fact]
    public async Task A_contract_that_ends_at_midnight_lets_nobody_in_from_midnight()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        await shop.AddServiceAsync("u1", ("slow", "2026-01-01", "2026-10-15"));
        await shop.HearOfAllAsync();
        Assert.Equal(1, shop.Memory.Count(shop.Tenant));

        shop.Clock.Reset(Midnight);
        Assert.Null(shop.Memory.Find(shop.Tenant, "u1"));
        Assert.Equal(0, shop.Memory.Count(shop.Tenant));
    }

    [Fact]
    public async Task A_contract_that_is_yet_to_begin_lets_in_once_its_day_has_come()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        await shop.AddServiceAsync("u1", ("slow", "2026-10-15", null));
        await shop.HearOfAllAsync();
        Assert.Null(shop.Memory.Find(shop.Tenant, "u1"));

        shop.Clock.Reset(Midnight);
        Assert.NotNull(shop.Memory.Find(shop.Tenant, "u1"));
    }

    [Fact]
    public async Task A_tenant_with_a_test_clock_lives_by_that_clock()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        var service = await shop.AddServiceAsync("u1", ("slow", "2026-01-01", "2026-10-15"), ("fast", "2026-10-15", null));
        await shop.HearOfAsync(service);

        await shop.RunAsync($"update host.tenant set test_clock = '2027-01-01T00:00Z' where id = '{shop.Tenant}'");
        await shop.HearOfAllAsync();
        Assert.Equal(BitRate.FromMegabits(100), shop.Memory.Find(shop.Tenant, "u1")?.Profile.Down);
        await shop.RunAsync($"update host.tenant set test_clock = null where id = '{shop.Tenant}'");
        await shop.HearOfAllAsync();
        Assert.Equal(BitRate.FromMegabits(10), shop.Memory.Find(shop.Tenant, "u1")?.Profile.Down);
    }

    [Fact]
    public async Task Reading_finds_what_has_been_committed_before_any_announcement_and_memory_knows_it_from_then_on()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        var service = await shop.AddServiceAsync("u1", ("slow", "2026-01-01", null));
        await shop.HearOfAllAsync();

        await shop.DoAsync(service, new SubscriptionCommand.Lock(LockReason.Debt, AccessMode.Blocked, null));
        Assert.Equal(AccessMode.Full, shop.Memory.Find(shop.Tenant, "u1")?.Access);
        Assert.Equal(
            AccessMode.Blocked, (await shop.Memory.ReadAsync(shop.Tenant, service, TestContext.Current.CancellationToken))?.Access);
        Assert.Equal(AccessMode.Blocked, shop.Memory.Find(shop.Tenant, "u1")?.Access);
    }

    [Fact]
    public async Task Reading_a_service_that_has_ended_finds_none()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        var service = await shop.AddServiceAsync("u1", ("slow", "2026-01-01", null));
        await shop.HearOfAllAsync();

        await shop.DoAsync(service, new SubscriptionCommand.Terminate());
        Assert.Null(await shop.Memory.ReadAsync(shop.Tenant, service, TestContext.Current.CancellationToken));
        Assert.Null(shop.Memory.Find(shop.Tenant, "u1"));
    }

    /// <summary>A reading for an actor began before the lock, and its answer comes after that of the feed's reading.</summary>
    [Fact]
    public async Task An_older_reading_that_arrives_later_changes_nothing()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        var service = await shop.AddServiceAsync("u1", ("slow", "2026-01-01", null));
        var older = await shop.ReadAsync(service);
        await shop.DoAsync(service, new SubscriptionCommand.Lock(LockReason.Debt, AccessMode.Blocked, null));
        await shop.HearOfAsync(service);

        shop.Memory.Put(shop.Tenant, older);

        Assert.Equal(AccessMode.Blocked, shop.Memory.Find(shop.Tenant, "u1")?.Access);
    }

    [Fact]
    public async Task An_older_reading_that_arrives_later_brings_nobody_back()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        var service = await shop.AddServiceAsync("u1", ("slow", "2026-01-01", null));
        var older = await shop.ReadAsync(service);
        await shop.DoAsync(service, new SubscriptionCommand.Terminate());
        await shop.HearOfAsync(service);

        shop.Memory.Put(shop.Tenant, older);

        Assert.Null(shop.Memory.Find(shop.Tenant, "u1"));
        Assert.Null(shop.Memory.Find(shop.Tenant, service));
    }

    [Fact]
    public async Task A_name_that_a_new_service_has_taken_over_stays_its_own_in_whatever_order_readings_arrive()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        var first = await shop.AddServiceAsync("u1", ("slow", "2026-01-01", null));
        var older = await shop.ReadAsync(first);
        await shop.DoAsync(first, new SubscriptionCommand.Terminate());
        var second = await shop.AddServiceAsync("u1", ("fast", "2026-10-14", null));
        await shop.HearOfAsync(second);

        shop.Memory.Put(shop.Tenant, older);
        Assert.Equal(second, shop.Memory.Find(shop.Tenant, "u1")?.Subscription);
        await shop.HearOfAsync(first);
        Assert.Equal(second, shop.Memory.Find(shop.Tenant, "u1")?.Subscription);
    }

    [Fact]
    public async Task A_password_that_does_not_open_is_named_and_keeps_nobody_else_out()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        var broken = await shop.AddServiceAsync("u1", ("slow", "2026-01-01", null));
        await shop.AddServiceAsync("u2", ("slow", "2026-01-01", null));
        await shop.RunAsync($"update host.subscription set password = '\\x0102' where id = '{broken}'");

        await shop.HearOfAllAsync();

        Assert.Null(shop.Memory.Find(shop.Tenant, "u1"));
        Assert.NotNull(shop.Memory.Find(shop.Tenant, "u2"));
        Assert.Equal(("subscriber", broken.ToString()), shop.Unreadable.All.Select(row => (row.Subject, row.Id)).Single());
    }

    [Fact]
    public async Task New_customers_are_no_news_about_their_tenant()
    {
        await using var shop = await Shop.OpenAsync(postgres);
        await shop.RunAsync("delete from host.change");

        Assert.Equal((1L, 4L, 5L), (await shop.DrawNumbersAsync(3), await shop.DrawNumbersAsync(1), await shop.DrawNumbersAsync(2)));

        Assert.Equal(0L, await shop.Database.ScalarAsync<long>("select count(*) from host.change"));
    }
}
