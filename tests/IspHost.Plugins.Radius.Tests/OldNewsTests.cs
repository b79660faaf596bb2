using System.Text;
using IspHost.Plugins.Radius.Changes;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Events;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Testing;
using NodaTime;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>Sessions that were let in by a memory that was behind, and dates that come without news.</summary>
public sealed class OldNewsTests(PostgresFixture postgres)
{
    static readonly Duration ShortWhile = Duration.FromSeconds(2);
    static readonly Duration Round = Duration.FromSeconds(61);

    [Fact]
    public async Task A_subscriber_who_reconnects_before_the_node_knows_of_the_block_is_cut_soon_after_the_start()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await WorldAsync(nas);
        var ticket = await LogInByOldMemoryAsync(world, world, Blocked);
        await AnnounceAsync(world, AccessMode.Blocked);
        Assert.Empty(nas.Requests);

        world.Memory.CatchUp();
        await StartAsync(world, ticket);
        await PassAsync(world, ShortWhile);
        Assert.Equal(PacketCode.DisconnectRequest, nas.Requests.Single().Code);
    }

    [Fact]
    public async Task A_subscriber_who_reconnects_before_the_node_knows_of_the_plan_is_changed_to_it_once()
    {
        await using var nas = new FakeNas(_ => 44);
        await using var world = await WorldAsync(nas);
        var ticket = await LogInByOldMemoryAsync(world, world, Faster);
        await AnnounceAsync(world, AccessMode.Full);
        world.Memory.CatchUp();
        await StartAsync(world, ticket);
        await PassAsync(world, ShortWhile);
        Assert.Equal("10M/500M Full", Rates(nas.Requests.Single()));

        world.Tenants.MoveBy(Duration.FromHours(1));
        await world.AccountAsync(Record(3, ticket).Integer(46, 3600).ToAccounting());
        await PassAsync(world, Round);
        Assert.Single(nas.Requests);
    }

    [Fact]
    public async Task It_does_not_matter_which_node_lets_in_and_which_hears_the_start()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await WorldAsync(nas);
        await using var behind = world.SecondNode();
        var ticket = await LogInByOldMemoryAsync(world, behind, Blocked);
        await AnnounceAsync(world, AccessMode.Blocked);
        await StartAsync(world, ticket);
        await PassAsync(world, ShortWhile);
        Assert.Single(nas.Requests);
    }

    [Fact]
    public async Task A_start_at_a_node_that_is_behind_as_well_is_found_by_the_next_round()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await WorldAsync(nas);
        var ticket = await LogInByOldMemoryAsync(world, world, Blocked);
        await AnnounceAsync(world, AccessMode.Blocked);
        await StartAsync(world, ticket);
        await PassAsync(world, ShortWhile);
        Assert.Empty(nas.Requests);

        world.Memory.CatchUp();
        await PassAsync(world, Round);
        Assert.Equal(PacketCode.DisconnectRequest, nas.Requests.Single().Code);
    }

    [Fact]
    public async Task A_session_that_has_what_holds_is_left_alone_by_a_node_that_is_behind()
    {
        await using var nas = new FakeNas(_ => 44);
        await using var world = await WorldAsync(nas);
        var before = Known(world);
        world.Subscribers.Add(world.Tenant.Id, Faster(before));
        var ticket = await LogInAsync(world);
        world.Memory.Keep(before);
        await StartAsync(world, ticket);
        await PassAsync(world, Round);
        Assert.Empty(nas.Requests);
    }

    [Fact]
    public async Task A_plan_that_begins_on_a_date_reaches_the_running_sessions_without_any_news()
    {
        await using var nas = new FakeNas(_ => 44);
        await using var world = await WorldAsync(nas);
        await StartAsync(world, await LogInAsync(world));
        await PassAsync(world, Round);
        Assert.Empty(nas.Requests);

        world.Subscribers.Add(world.Tenant.Id, Faster(Known(world)));
        await PassAsync(world, Round);
        Assert.Equal("10M/500M Full", Rates(nas.Requests.Single()));
    }

    [Fact]
    public async Task A_device_that_does_not_do_it_is_asked_again_after_five_minutes_and_not_before()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await WorldAsync(nas);
        await StartAsync(world, await LogInAsync(world));
        world.Subscribers.Add(world.Tenant.Id, Blocked(Known(world)));
        for (var minute = 1; minute <= 7; minute++)
        {
            world.Tenants.MoveBy(Duration.FromMinutes(1));
            await PassAsync(world, Duration.FromMinutes(1));
        }
        Assert.Equal(2, nas.Requests.Count);
    }

    [Fact]
    public async Task Of_more_than_a_round_has_time_for_none_is_forgotten()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await WorldAsync(nas);
        var ticket = await LogInAsync(world);
        await world.AccountAllAsync(Enumerable.Range(0, 120).Select(i => Record(1, ticket, $"s{i}").ToAccounting()));
        world.Subscribers.Add(world.Tenant.Id, Blocked(Known(world)));
        await PassAsync(world, Duration.FromSeconds(5));
        Assert.Equal(120, nas.Requests.Select(request => Text(request, AttributeType.AcctSessionId)).Distinct().Count());
    }

    [Fact]
    public void Equal_access_is_an_equal_grant_on_every_node_and_no_access_is_none()
    {
        var subscriber = new Subscriber
        {
            Subscription = SubscriptionId.New(),
            UserName = "u",
            Password = "p",
            Profile = new AccessProfile { Up = BitRate.FromMegabits(10), Down = BitRate.FromMegabits(100) },
        };
        Assert.Equal(1153159868380816291, Grant.Of(subscriber));
        Assert.Equal(Grant.Of(subscriber), Grant.Of(subscriber with { UserName = "v", Subscription = SubscriptionId.New() }));
        Assert.NotEqual(Grant.Of(subscriber), Grant.Of(subscriber with { Access = AccessMode.Throttled }));
        Assert.NotEqual(Grant.Of(subscriber), Grant.Of(Faster(subscriber)));
        Assert.Equal(Grant.Nothing, Grant.Of(Blocked(subscriber)));
        Assert.Equal(Grant.Nothing, Grant.Of(null));
    }

    async Task<World> WorldAsync(FakeNas nas)
    {
        var world = await World.CreateAsync(postgres);
        world.AddDevice("test", changePort: nas.Port);
        world.AddSubscriber();
        world.Extensions.Add<INasVendor>("test", new TestVendor());
        return world;
    }

    static Subscriber Known(World world) => world.Subscribers.Find(world.Tenant.Id, "demo-user")!;

    static Subscriber Blocked(Subscriber subscriber) => subscriber with { Access = AccessMode.Blocked };

    static Subscriber Faster(Subscriber subscriber)
        => subscriber with { Profile = subscriber.Profile with { Down = BitRate.FromMegabits(500) } };

    /// <summary>A change has been committed, and a node that has not heard of it lets the subscriber in.</summary>
    static async Task<byte[]> LogInByOldMemoryAsync(World world, World node, Func<Subscriber, Subscriber> change)
    {
        node.Memory.Keep(Known(world));
        world.Subscribers.Add(world.Tenant.Id, change(Known(world)));
        return await LogInAsync(node);
    }

    /// <returns>The Class of the Access-Accept.</returns>
    static async Task<byte[]> LogInAsync(World node)
    {
        var request = new Peer(1).Text(1, "demo-user").Password("demo-pass").ToAccess();
        var reply = Peer.Checked((await node.AuthenticateAsync(request)).Replies.Single(), request);
        Assert.Equal(PacketCode.AccessAccept, reply.Code);
        Assert.True(reply.TryFind(AttributeType.Class, out var ticket));
        return ticket.ToArray();
    }

    static Peer Record(uint status, byte[] ticket, string session = "s1")
        => new Peer(4).Integer(40, status).Text(44, session).Text(1, "demo-user").Attribute(25, ticket);

    static async Task StartAsync(World node, byte[] ticket) => await node.AccountAsync(Record(1, ticket).ToAccounting());

    static Task<EventOutcome> AnnounceAsync(World world, AccessMode access) => world.Get<AccessChangedHandler>().HandleAsync(
        new EventContext { Tenant = world.Tenant.Id, Id = Guid.NewGuid(), At = World.Noon },
        new AccessChanged { Subscription = Known(world).Subscription, Access = access, Reason = "A change." },
        TestContext.Current.CancellationToken);

    static Task PassAsync(World world, Duration time) => world.Actors.PassAsync(time, TestContext.Current.CancellationToken);

    static string Rates(Packet packet) => packet.TryFind(14988, 8, out var rates) ? Encoding.UTF8.GetString(rates) : "";

    static string Text(Packet packet, byte type) => packet.TryFind(type, out var value) ? Encoding.UTF8.GetString(value) : "";
}
