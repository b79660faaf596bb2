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
    public async Task Is_announced_and_does_not_wait_for_a_look()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var handler = new Recorder("Only");
        await using var post = await Post.StartAsync(
            database, null, "1.0.0", [handler.Subscriber], longestPause: TimeSpan.FromHours(1));

        await database.PublishAsync(tenant);
        await Eventually.TrueAsync(() => handler.Got.Count == 1, "the first event has come");
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
            async () => await ListAsync(post, tenant, DeliveryState.Failing) is [{ Attempts: > 2, DeadAt: null, Error: "No digits." }],
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
            async () => await ListAsync(post, tenant, DeliveryState.Failing)
                is [{ Attempts: > 2, DeadAt: null, Error: "550 5.7.1 sender refused" }],
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
        var dead = Assert.Single(await ListAsync(post, tenant, DeliveryState.Dead));
        Assert.Equal(("access.changed", "Shop", "Only", "Never."), (dead.Kind, dead.Plugin, dead.Handler, dead.Error));
        Assert.Equal((true, null), (dead.DeadAt is not null, dead.NextAt));
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
            async () => await ListAsync(post, tenant, DeliveryState.Failing) is [{ Error.Length: > 0 }], "the failure is visible");
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
    public async Task Goes_to_another_node_when_the_lease_of_one_that_died_has_ended()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var release = new TaskCompletionSource();
        var (stuck, fluent) = (new Recorder("Only") { Before = (_, _) => release.Task }, new Recorder("Only"));
        await using var first = await Post.StartAsync(database, null, stuck.Subscriber);
        await database.PublishAsync(tenant);
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<int>("select attempts from host.delivery") == 1, "the first node has it");
        await first.KillAsync();
        await using var second = await Post.StartAsync(database, null, fluent.Subscriber);

        await Eventually.TrueAsync(() => !fluent.Got.IsEmpty, "the second node has handled it");
        release.SetResult();
        await AllDoneAsync(second, tenant);
    }

    [Fact]
    public async Task Stays_with_a_node_that_takes_longer_than_a_lease()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var release = new TaskCompletionSource();
        var (slow, other) = (new Recorder("Only") { Before = (_, _) => release.Task }, new Recorder("Only"));
        await using var first = await Post.StartAsync(database, null, slow.Subscriber);
        await database.PublishAsync(tenant);
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<int>("select attempts from host.delivery") == 1, "the first node has it");
        var lease = await database.ScalarAsync<DateTime>("select at from host.due");
        await using var second = await Post.StartAsync(database, null, other.Subscriber);

        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<bool>($"select now() > '{lease:O}'"), "the first lease would have ended");
        release.SetResult();

        await AllDoneAsync(second, tenant);
        Assert.Equal((1, 0), (slow.Got.Count, other.Got.Count));
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

    [Fact]
    public async Task Of_one_tenant_that_hangs_leaves_room_for_those_of_others_and_however_long_its_queue_is()
    {
        await using var database = await postgres.CreateAsync();
        var (stuck, fluent) = (await database.AddTenantAsync("stuck"), await database.AddTenantAsync("fluent"));
        var release = new TaskCompletionSource();
        var handler = new Recorder("Only") { BeforeOf = context => context.Tenant == stuck ? release.Task : Task.CompletedTask };
        await using var post = await Post.StartAsync(database, null, handler.Subscriber);
        await database.PublishAsync(stuck, count: 500);
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<long>("select count(*) from host.due where node is not null") == 8,
            "the first tenant holds half of the places");

        await database.PublishAsync(fluent, count: 50);

        await AllDoneAsync(post, fluent);
        Assert.Equal(8L, await database.ScalarAsync<long>("select count(*) from host.due where node is not null"));
        release.SetResult();
        await AllDoneAsync(post, stuck);
    }

    [Fact]
    public async Task Goes_on_after_the_database_has_dropped_all_connections()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var handler = new Recorder("Only");
        await using var post = await Post.StartAsync(database, null, handler.Subscriber);
        await database.PublishAsync(tenant);
        await AllDoneAsync(post, tenant);

        // It waits until they have ended: one that is about to would be taken from the pool by what follows here.
        await database.ScalarAsync<int>("""
            select pg_terminate_backend(pid, 60000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
            """);
        database.Database.Connections.Clear();
        await database.PublishAsync(tenant);

        await AllDoneAsync(post, tenant);
        Assert.Equal(2, handler.Got.Count);
    }

    static async Task<IReadOnlyList<DeliveryView>> ListAsync(Post post, TenantId tenant, DeliveryState state)
        => await post.Deliveries.ListAsync(tenant, state, DeliveryPosition.First, 10, Stop);

    static async Task AllDoneAsync(Post post, params TenantId[] tenants)
    {
        foreach (var tenant in tenants)
        {
            await Eventually.TrueAsync(
                async () => await post.Deliveries.CountAsync(tenant, Stop) == new DeliveryCounts(0, 0, 0), "everything is delivered");
        }
    }
}
