using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Wire;
using IspHost.Testing;
using NodaTime;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>Sessions whose device has died without a word. The interval is ten minutes, and three may be missed.</summary>
public sealed class StaleSessionTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_session_that_has_missed_its_interims_is_closed_with_its_last_sign_of_life()
    {
        await using var world = await OnlineAsync();
        await PassAsync(world, 30);
        Assert.True((await SessionAsync(world)).IsOpen);

        await PassAsync(world, 1);
        var session = await SessionAsync(world);
        Assert.Equal((SessionEnd.Stale, World.Noon + Duration.FromMinutes(10)), (session.End, session.StoppedAt));
        Assert.Equal((100, 2_000), (session.Up.Octets, session.Down.Octets));
        Assert.Equal((100, 2_000), await world.UsageAsync());
    }

    [Fact]
    public async Task It_fills_no_session_limit_any_more()
    {
        await using var world = await OnlineAsync();
        var subscriber = world.Subscribers.Find(world.Tenant.Id, "demo-user")!;
        world.Subscribers.Add(world.Tenant.Id, subscriber with { Profile = subscriber.Profile with { SessionLimit = 1 } });
        await PassAsync(world, 31);
        var request = new Peer(1).Text(1, "demo-user").Password("demo-pass").ToAccess();
        Assert.Equal(PacketCode.AccessAccept, Peer.Checked((await world.AuthenticateAsync(request)).Replies.Single(), request).Code);
    }

    [Fact]
    public async Task An_interim_that_comes_late_opens_it_again_and_adds_what_was_used_meanwhile_once()
    {
        await using var world = await OnlineAsync();
        await PassAsync(world, 40);
        for (var repetition = 0; repetition < 2; repetition++)
            await world.AccountAsync(Record(3, 3_000, 500, 7_000).ToAccounting());
        var session = await SessionAsync(world);
        Assert.Equal((true, null), (session.IsOpen, session.End));
        Assert.Equal((500, 7_000), await world.UsageAsync());
    }

    [Fact]
    public async Task A_stop_that_comes_late_is_its_end_whatever_was_assumed()
    {
        await using var world = await OnlineAsync();
        await PassAsync(world, 40);
        for (var repetition = 0; repetition < 2; repetition++)
            await world.AccountAsync(Record(2, 1_200, 300, 3_000).Integer(49, 2).ToAccounting());
        var session = await SessionAsync(world);
        Assert.Equal(
            (SessionEnd.Stopped, World.Noon + Duration.FromSeconds(1_200), 2), (session.End, session.StoppedAt, session.TerminateCause));
        Assert.Equal((300, 3_000), await world.UsageAsync());
    }

    [Fact]
    public async Task A_record_from_before_its_last_sign_of_life_leaves_it_closed()
    {
        await using var world = await OnlineAsync();
        await PassAsync(world, 40);
        await world.AccountAsync(Record(3, 300, 50, 1_000).ToAccounting());
        Assert.Equal(SessionEnd.Stale, (await SessionAsync(world)).End);
        Assert.Equal((100, 2_000), await world.UsageAsync());
    }

    [Fact]
    public async Task A_session_that_goes_on_reporting_stays_open()
    {
        await using var world = await OnlineAsync();
        for (var i = 2; i <= 8; i++)
        {
            await PassAsync(world, 10);
            await world.AccountAsync(Record(3, (uint)(600 * i), 100, 2_000).ToAccounting());
        }
        Assert.True((await SessionAsync(world)).IsOpen);
    }

    [Fact]
    public async Task The_interval_is_that_of_the_plan()
    {
        await using var world = await OnlineAsync();
        var subscriber = world.Subscribers.Find(world.Tenant.Id, "demo-user")!;
        world.Subscribers.Add(
            world.Tenant.Id, subscriber with { Profile = subscriber.Profile with { InterimInterval = Duration.FromMinutes(60) } });
        await PassAsync(world, 180);
        Assert.True((await SessionAsync(world)).IsOpen);
        await PassAsync(world, 1);
        Assert.Equal(SessionEnd.Stale, (await SessionAsync(world)).End);
    }

    [Fact]
    public async Task While_nobody_could_listen_silence_proves_nothing()
    {
        await using var world = await OnlineAsync();
        await PassAsync(world, 5);
        world.Tenants.MoveBy(Duration.FromHours(2));
        world.Clock.Advance(Duration.FromHours(2)); // Server and database were away.
        await PassAsync(world, 30);
        Assert.True((await SessionAsync(world)).IsOpen);
        await PassAsync(world, 2);
        Assert.Equal(SessionEnd.Stale, (await SessionAsync(world)).End);
    }

    /// <summary>A session that began at noon and has reported once, ten minutes later, which is now.</summary>
    async Task<World> OnlineAsync()
    {
        var world = await World.CreateAsync(postgres);
        world.AddDevice();
        world.AddSubscriber();
        await world.AccountAsync(Record(1, 0, 0, 0).ToAccounting());
        world.Tenants.MoveBy(Duration.FromMinutes(10));
        await world.AccountAsync(Record(3, 600, 100, 2_000).ToAccounting());
        await PassAsync(world, 0);
        return world;
    }

    static Peer Record(uint status, uint seconds, uint up, uint down)
        => new Peer(4).Integer(40, status).Text(44, "s1").Text(1, "demo-user").Integer(46, seconds).Integer(42, up).Integer(43, down)
            .Integer(55, (uint)(World.Noon + Duration.FromSeconds(seconds)).ToUnixTimeSeconds());

    /// <summary>Minutes go by on all clocks, and the rounds of the watch with them.</summary>
    static async Task PassAsync(World world, int minutes)
    {
        await world.Actors.PassAsync(Duration.FromSeconds(2), TestContext.Current.CancellationToken);
        for (var i = 0; i < minutes; i++)
        {
            world.Tenants.MoveBy(Duration.FromMinutes(1));
            world.Clock.Advance(Duration.FromMinutes(1));
            await world.Actors.PassAsync(Duration.FromMinutes(1), TestContext.Current.CancellationToken);
        }
    }

    static async Task<Session> SessionAsync(World world) => Assert.Single(await world.SessionsAsync());
}
