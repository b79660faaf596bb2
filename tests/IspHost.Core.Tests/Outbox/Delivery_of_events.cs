using IspHost.Core.Outbox;
using IspHost.Core.Tests.Cluster;
using IspHost.Sdk;
using IspHost.Sdk.Events;
using IspHost.Testing;

namespace IspHost.Core.Tests.Outbox;

public sealed class Delivery_of_events(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reaches_every_handler_with_the_record_and_where_it_comes_from()
    {
        await using var database = await postgres.CreateAsync();
        var (mine, theirs) = (await database.AddTenantAsync("mine"), await database.AddTenantAsync("theirs"));
        var (first, second) = (new Recorder("First"), new Recorder("Second"));
        await using var post = await Post.StartAsync(database, null, first.Subscriber, second.Subscriber);

        await database.PublishAsync(mine);
        await database.PublishAsync(theirs);

        await AllDoneAsync(post, mine, theirs);
        foreach (var handler in (Recorder[])[first, second])
        {
            Assert.Equal(2, handler.Got.Count);
            Assert.Equivalent(new[] { mine, theirs }, handler.Got.Select(got => got.Context.Tenant));
            Assert.All(handler.Got, got => Assert.Equal(Publishing.At, got.Context.At));
            Assert.All(handler.Got, got => Assert.Equal(Publishing.Event(0), got.Happened));
        }
        Assert.Equal(first.Got.Select(got => got.Context.Id).Order(), second.Got.Select(got => got.Context.Id).Order());
    }

    [Fact]
    public async Task Never_happens_if_the_transaction_rolls_back()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var handler = new Recorder("Only");
        await using var post = await Post.StartAsync(database, null, handler.Subscriber);

        await database.PublishAsync(tenant, isCommitted: false);
        await database.PublishAsync(tenant);

        await AllDoneAsync(post, tenant);
        Assert.Single(handler.Got);
    }

    [Fact]
    public async Task Is_announced_and_does_not_wait_for_a_sweep()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var handler = new Recorder("Only");
        await using var post = await Post.StartAsync(database, null, handler.Subscriber);
        await database.PublishAsync(tenant);
        await AllDoneAsync(post, tenant);
        await database.ScalarAsync<int>(
            "create or replace function host.tenants_with_events() returns setof uuid language sql as 'select null::uuid where false'");

        await database.PublishAsync(tenant);

        await Eventually.TrueAsync(() => handler.Got.Count == 2, "the second event has come");
    }

    [Fact]
    public async Task Is_repeated_until_the_handler_succeeds_and_shows_why()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var isMended = false;
        var handler = new Recorder("Only") { Before = (_, _) => isMended ? Task.CompletedTask : throw new FormatException("No digits.") };
        await using var post = await Post.StartAsync(database, null, handler.Subscriber);

        await database.PublishAsync(tenant);
        await Eventually.TrueAsync(
            async () => await post.Deliveries.FailedAsync(tenant, 10, Stop) is [{ Attempts: > 2, IsDead: false, Error: "No digits." }],
            "the failure is visible");
        Assert.Equal(new DeliveryCounts(Pending: 1, Retrying: 1, Dead: 0), await post.Deliveries.CountAsync(tenant, Stop));
        isMended = true;

        await AllDoneAsync(post, tenant);
        Assert.Single(handler.Got);
    }

    [Fact]
    public async Task Is_repeated_while_the_handler_says_later_and_shows_why()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var isTime = false;
        var handler = new Recorder("Only")
        {
            Outcome = _ => isTime ? new EventOutcome.Handled() : new EventOutcome.Later("550 5.7.1 sender refused"),
        };
        await using var post = await Post.StartAsync(database, null, handler.Subscriber);

        await database.PublishAsync(tenant);
        await Eventually.TrueAsync(
            async () => await post.Deliveries.FailedAsync(tenant, 10, Stop)
                is [{ Attempts: > 2, IsDead: false, Error: "550 5.7.1 sender refused" }],
            "the reason is visible");
        isTime = true;

        await AllDoneAsync(post, tenant);
    }

    [Fact]
    public async Task Is_given_up_after_its_time_and_stays_visible()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var handler = new Recorder("Only") { Before = (_, _) => throw new FormatException("Never.") };
        var options = new OutboxOptions { GiveUpAfter = TimeSpan.FromSeconds(1) };
        await using var post = await Post.StartAsync(database, options, handler.Subscriber);

        await database.PublishAsync(tenant);

        await Eventually.TrueAsync(
            async () => await post.Deliveries.CountAsync(tenant, Stop) == new DeliveryCounts(Pending: 0, Retrying: 0, Dead: 1),
            "it is dead");
        var dead = Assert.Single(await post.Deliveries.FailedAsync(tenant, 10, Stop));
        Assert.Equal(("access.changed", "Shop", "Only", true, "Never."), (dead.Kind, dead.Plugin, dead.Handler, dead.IsDead, dead.Error));
    }

    [Fact]
    public async Task Shows_a_record_that_cannot_be_read()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        await using var post = await Post.StartAsync(database, null, new Recorder("Only").Subscriber);

        await database.ScalarAsync<int>(
            $$"""
            insert into host.outbox (tenant_id, id, kind, key, happened_at, body)
            values ('{{tenant}}', gen_random_uuid(), 'access.changed', 'k', now(), '{"reason": 1}')
            """);

        await Eventually.TrueAsync(
            async () => await post.Deliveries.FailedAsync(tenant, 10, Stop) is [{ Error.Length: > 0 }], "the failure is visible");
    }

    [Fact]
    public async Task Is_shared_by_two_nodes_each_event_by_one_of_them()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var (one, two) = (new Recorder("Only"), new Recorder("Only"));
        await using var first = await Post.StartAsync(database, null, one.Subscriber);
        await using var second = await Post.StartAsync(database, null, two.Subscriber);

        await database.PublishAsync(tenant, count: 300);

        await AllDoneAsync(first, tenant);
        Assert.Equal(300, one.Got.Concat(two.Got).Select(got => got.Context.Id).Distinct().Count());
        Assert.Equal(300, one.Got.Count + two.Got.Count);
        Assert.NotEmpty(one.Got);
        Assert.NotEmpty(two.Got);
    }

    [Fact]
    public async Task Goes_to_another_node_if_the_first_does_not_come_to_an_end()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var release = new TaskCompletionSource();
        var (stuck, fluent) = (new Recorder("Only") { Before = (_, _) => release.Task }, new Recorder("Only"));
        var options = new OutboxOptions { Lease = TimeSpan.FromSeconds(1) };
        await using var first = await Post.StartAsync(database, options, stuck.Subscriber);
        await database.PublishAsync(tenant);
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<int>("select attempts from host.delivery") == 1, "the first node has it");
        first.Plugins.Handlers = [];
        await using var second = await Post.StartAsync(database, options, fluent.Subscriber);

        await Eventually.TrueAsync(() => !fluent.Got.IsEmpty, "the second node has handled it");
        release.SetResult();
        await AllDoneAsync(second, tenant);
    }

    [Fact]
    public async Task Is_given_back_by_a_node_that_stops()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var stuck = new Recorder("Only") { Before = (_, stop) => Task.Delay(Timeout.Infinite, stop) };
        var first = await Post.StartAsync(database, null, stuck.Subscriber);
        await database.PublishAsync(tenant);
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<int>("select attempts from host.delivery") == 1, "the first node has it");

        await first.DisposeAsync();

        Assert.True(await database.ScalarAsync<bool>("select attempts = 0 and next_at <= now() and done_at is null from host.delivery"));
    }

    [Fact]
    public async Task Waits_for_a_plugin_that_is_away()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var handler = new Recorder("Only");
        await using var post = await Post.StartAsync(database, null, handler.Subscriber);
        await database.PublishAsync(tenant);
        await AllDoneAsync(post, tenant);
        post.Plugins.Handlers = [];

        await database.PublishAsync(tenant);
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<long>("select count(*) from host.delivery where done_at is null") == 1, "it waits");
        post.Plugins.Handlers = [handler.Subscriber];

        await AllDoneAsync(post, tenant);
        Assert.Equal(2, handler.Got.Count);
    }

    [Fact]
    public async Task Is_tried_again_soon_if_the_plugin_is_being_replaced()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var left = 3;
        var handler = new Recorder("Only")
        {
            Before = (_, _) => left-- > 0
                ? throw new ExtensionUnavailableException("event handler", "Only", "no plugin offers it")
                : Task.CompletedTask,
        };
        await using var post = await Post.StartAsync(database, null, handler.Subscriber);

        await database.PublishAsync(tenant);

        await AllDoneAsync(post, tenant);
        Assert.Single(handler.Got);
    }

    [Fact]
    public async Task Of_one_handler_that_hangs_holds_up_no_other()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var (stuck, fluent) = (new Recorder("Stuck") { Before = (_, stop) => Task.Delay(Timeout.Infinite, stop) }, new Recorder("Fluent"));
        await using var post = await Post.StartAsync(database, null, stuck.Subscriber, fluent.Subscriber);

        await database.PublishAsync(tenant, count: 50);

        await Eventually.TrueAsync(() => fluent.Got.Count == 50, "the other handler has them all");
    }

    static async Task AllDoneAsync(Post post, params TenantId[] tenants)
    {
        foreach (var tenant in tenants)
        {
            await Eventually.TrueAsync(
                async () => await post.Deliveries.CountAsync(tenant, Stop) == new DeliveryCounts(0, 0, 0), "everything is delivered");
        }
    }
}
