using IspHost.Core.Outbox;
using IspHost.Core.Tests.Cluster;
using IspHost.Sdk;
using IspHost.Testing;

namespace IspHost.Core.Tests.Outbox;

/// <summary>Two nodes may have different versions of a plugin for a while, and one of them may have lost it.</summary>
public sealed class Subscriptions_to_events(PostgresFixture postgres)
{
    [Fact]
    public async Task Of_the_newest_version_count_whichever_node_starts_last()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var (before, added) = (new Recorder("Before"), new Recorder("Added"));
        await using var newer = await Post.StartAsync(database, null, "1.10.0", [before.Subscriber, added.Subscriber]);
        await using var older = await Post.StartAsync(database, null, "1.9.0", [before.Subscriber]);

        await database.PublishAsync(tenant);

        await Eventually.TrueAsync(() => added.Got.Count == 1 && before.Got.Count == 1, "both handlers have the event");
    }

    [Fact]
    public async Task That_a_newer_version_does_not_want_leave_nothing_behind_that_would_die()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        await using var older = await Post.StartAsync(database, null, "1.0.0", [new Recorder("Only").Subscriber]);
        await using var newer = await Post.StartAsync(database, null, "2.0.0", []);

        await database.PublishAsync(tenant);

        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from host.delivery"));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from host.event_subscription"));
    }

    [Fact]
    public async Task Are_those_of_an_older_version_after_the_operator_has_gone_back_to_it()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var (before, added) = (new Recorder("Before"), new Recorder("Added"));
        await using var node = await Post.StartAsync(database, null, "2.0.0", [added.Subscriber]);

        node.Plugins.Handlers = [before.Subscriber];
        await node.AdoptAsync("1.0.0", isReplacement: true);
        await database.PublishAsync(tenant);

        await Eventually.TrueAsync(() => before.Got.Count == 1, "the older version has the event");
        Assert.Empty(added.Got);
    }

    [Fact]
    public async Task End_when_the_last_node_has_removed_the_plugin_and_begin_anew_with_whichever_version_comes_back()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var subscriptions = new EventSubscriptions(database.Database);
        var (first, second) = (new NodesAlive("first", ["first", "second"]), new NodesAlive("second", ["first", "second"]));
        await AdoptAsync(subscriptions, "2.0.0", first);
        await AdoptAsync(subscriptions, "2.0.0", second);

        await subscriptions.LeaveAsync(FakePlugins.Plugin, first, Stop);
        Assert.Equal(1, await DeliveriesAfterAnEventAsync(database, tenant));
        await subscriptions.LeaveAsync(FakePlugins.Plugin, second, Stop);
        Assert.Equal(1, await DeliveriesAfterAnEventAsync(database, tenant));
        await AdoptAsync(subscriptions, "1.0.0", first);
        Assert.Equal(2, await DeliveriesAfterAnEventAsync(database, tenant));
    }

    [Fact]
    public async Task Are_not_kept_by_a_node_that_died()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var subscriptions = new EventSubscriptions(database.Database);
        await AdoptAsync(subscriptions, "1.0.0", new NodesAlive("dead", ["dead"]));
        await AdoptAsync(subscriptions, "1.0.0", new NodesAlive("living", ["dead", "living"]));

        await subscriptions.LeaveAsync(FakePlugins.Plugin, new NodesAlive("living", ["living"]), Stop);

        Assert.Equal(0, await DeliveriesAfterAnEventAsync(database, tenant));
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Task AdoptAsync(EventSubscriptions subscriptions, string version, NodesAlive nodes)
        => subscriptions.AdoptAsync(FakePlugins.Plugin, version, [("access.changed", "Handler")], isReplacement: false, nodes, Stop);

    static async Task<long> DeliveriesAfterAnEventAsync(TestDatabase database, TenantId tenant)
    {
        await database.PublishAsync(tenant);
        return await database.ScalarAsync<long>("select count(*) from host.delivery");
    }
}
