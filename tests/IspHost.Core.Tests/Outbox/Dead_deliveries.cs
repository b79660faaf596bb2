using IspHost.Core.Outbox;
using IspHost.Core.Tests.Cluster;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Testing;

namespace IspHost.Core.Tests.Outbox;

public sealed class Dead_deliveries(PostgresFixture postgres)
{
    static readonly OutboxOptions GiveUpAtOnce = new() { GiveUpAfter = TimeSpan.Zero };

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_delivered_after_all_when_they_are_replayed_which_the_audit_tells()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var isMended = false;
        var handler = new Recorder("Only") { Before = (_, _) => isMended ? Task.CompletedTask : throw new FormatException("Never.") };
        await using var post = await Post.StartAsync(database, GiveUpAtOnce, handler.Subscriber);
        await database.PublishAsync(tenant, count: 3);
        await DeadAsync(post, tenant, 3);
        isMended = true;

        var one = (await post.Deliveries.ListAsync(tenant, DeliveryState.Dead, DeliveryPosition.First, 1, Stop))[0];
        Assert.Equal(1, await ReplayAsync(post, tenant, new DeadDeliveries(Event: one.Event)));
        await DeadAsync(post, tenant, 2);
        Assert.Equal(2, await ReplayAsync(post, tenant, new DeadDeliveries(Handler: "Only")));

        await DeadAsync(post, tenant, 0);
        await Eventually.TrueAsync(() => handler.Got.Count == 3, "all have come");
        Assert.Equal("key:test delivery.replay 1, key:test delivery.replay 2", await database.ScalarAsync<string>(
            "select string_agg(actor || ' ' || action || ' ' || (detail ->> 'count'), ', ' order by id) from host.audit"));
    }

    [Fact]
    public async Task Are_gone_when_they_are_dropped_and_only_those_that_were_meant()
    {
        await using var database = await postgres.CreateAsync();
        var (mine, theirs) = (await database.AddTenantAsync("mine"), await database.AddTenantAsync("theirs"));
        EventSubscriber[] handlers = [Failing("First"), Failing("Second")];
        await using var post = await Post.StartAsync(database, GiveUpAtOnce, handlers);
        await database.PublishAsync(mine, count: 2);
        await database.PublishAsync(theirs);
        await DeadAsync(post, mine, 4);
        await DeadAsync(post, theirs, 2);

        Assert.Equal(0, await DropAsync(post, mine, new DeadDeliveries(Before: Publishing.At)));
        Assert.Equal(2, await DropAsync(post, mine, new DeadDeliveries(Handler: "First")));

        await DeadAsync(post, mine, 2);
        await DeadAsync(post, theirs, 2);
        Assert.Equal(4L, await database.ScalarAsync<long>("select count(*) from host.due"));
    }

    [Fact]
    public async Task Are_listed_page_by_page()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var handler = new Recorder("Only") { Before = (_, _) => throw new FormatException("Never.") };
        await using var post = await Post.StartAsync(database, GiveUpAtOnce, handler.Subscriber);
        await database.PublishAsync(tenant, count: 5);
        await DeadAsync(post, tenant, 5);

        var (seen, after) = (new List<Guid>(), DeliveryPosition.First);
        while (await post.Deliveries.ListAsync(tenant, DeliveryState.Dead, after, 2, Stop) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(delivery => delivery.Event));
            after = DeliveryPosition.Of(page[^1].Position.Texts)!.Value;
        }

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
    }

    [Fact]
    public async Task Are_counted_for_the_operator_by_tenant_and_for_metrics_in_all()
    {
        await using var database = await postgres.CreateAsync();
        var (mine, theirs) = (await database.AddTenantAsync("mine"), await database.AddTenantAsync("theirs"));
        var handler = new Recorder("Only") { Before = (_, _) => throw new FormatException("Never.") };
        await using var post = await Post.StartAsync(database, GiveUpAtOnce, handler.Subscriber);
        await database.PublishAsync(mine, count: 2);
        await database.PublishAsync(theirs);
        await DeadAsync(post, mine, 2);
        await DeadAsync(post, theirs, 1);

        var byTenant = await post.Backlog.GivenUpAsync(new GivenUp(default, "", "", 0), 10, Stop);
        var all = Assert.Single(await post.Backlog.ReadAsync(Stop));

        Assert.Equivalent(
            new[] { new GivenUp(mine, "Shop", "access.changed Only", 2), new GivenUp(theirs, "Shop", "access.changed Only", 1) }, byTenant);
        Assert.Equal(("event", "access.changed Only", 0L, 3L), (all.Kind, all.Name, all.Ready, all.GivenUp));
    }

    [Fact]
    public async Task Are_those_too_that_no_node_has_taken_for_too_long()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        await using (await Post.StartAsync(database, null, new Recorder("Gone").Subscriber))
        {
            // It wants events, and then its node is gone.
        }
        await database.PublishAsync(tenant);

        await using var post = await Post.StartAsync(database, GiveUpAtOnce, "0.1.0", []);

        await DeadAsync(post, tenant, 1);
        Assert.Equal("no plugin handles it", await database.ScalarAsync<string>("select error from host.delivery"));
    }

    static Task DeadAsync(Post post, TenantId tenant, int count)
        => Eventually.TrueAsync(
            async () => await post.Deliveries.CountAsync(tenant, Stop) == new DeliveryCounts(0, 0, count), $"{count} are dead");

    static Task<int> ReplayAsync(Post post, TenantId tenant, DeadDeliveries which)
        => post.Deliveries.ReplayAsync(tenant, which, "key:test", Publishing.At, Stop);

    static Task<int> DropAsync(Post post, TenantId tenant, DeadDeliveries which)
        => post.Deliveries.DropAsync(tenant, which, "key:test", Publishing.At, Stop);

    static EventSubscriber Failing(string name)
        => new Recorder(name) { Before = (_, _) => throw new FormatException("Never.") }.Subscriber;
}
