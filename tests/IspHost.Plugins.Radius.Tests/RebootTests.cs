using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Sessions;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk.Nas;
using IspHost.Testing;
using NodaTime;
using Npgsql;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>Accounting-On and -Off: the sessions that they end are over at once, and closed soon after the answer.</summary>
public sealed class RebootTests(PostgresFixture postgres)
{
    /// <summary>When the device begins anew, in seconds after the start of its sessions.</summary>
    const int At = 400;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_answered_while_sessions_that_it_ends_are_locked()
    {
        await using var world = await WorldAsync();
        await world.AccountAsync(Record(1, 0).ToAccounting());
        await using var owner = NpgsqlDataSource.Create(world.Database.OwnerConnection);
        await using (var other = await owner.OpenConnectionAsync(Stop))
        {
            await using var lockAll = new NpgsqlCommand("begin; select from radius.session for update", other);
            await lockAll.ExecuteNonQueryAsync(Stop);
            await BootAsync(world).WaitAsync(TimeSpan.FromMinutes(1), Stop);
        }
        await PassAsync(world);
        Assert.Equal(SessionEnd.NasReboot, Assert.Single(await world.SessionsAsync()).End);
    }

    [Fact]
    public async Task It_ends_more_sessions_than_one_round_can_close_each_at_its_time_with_the_usage_last_reported()
    {
        const int Sessions = 10_100;
        await using var world = await WorldAsync();
        await FillAsync(world, Sessions);

        await BootAsync(world);
        Assert.Empty(await world.Get<LiveSessions>().ListAsync(world.Tenant.Id, user: null, before: null, limit: 10, Stop));
        Assert.Equal(0, await world.Get<LiveSessions>().CountAsync(world.Tenant.Id, Stop));

        await PassAsync(world);
        var sessions = await world.SessionsAsync();
        Assert.Equal(Sessions, sessions.Count);
        Assert.All(sessions, session => Assert.Equal(
            (SessionEnd.NasReboot, World.Noon + Duration.FromSeconds(At), 70L, 4_000L),
            (session.End, session.StoppedAt, session.Up.Octets, session.Down.Octets)));
    }

    [Fact]
    public async Task What_it_ends_fills_no_session_limit_any_more()
    {
        await using var world = await WorldAsync();
        var subscriber = world.Subscribers.Find(world.Tenant.Id, "demo-user")!;
        world.Subscribers.Add(world.Tenant.Id, subscriber with { Profile = subscriber.Profile with { SessionLimit = 1 } });
        await world.AccountAsync(Record(1, 0).ToAccounting());
        Assert.Equal(PacketCode.AccessReject, await LogInAsync(world));

        await BootAsync(world);
        Assert.Equal(PacketCode.AccessAccept, await LogInAsync(world));
    }

    [Fact]
    public async Task What_begins_after_it_within_the_same_second_goes_on_even_if_it_is_said_twice()
    {
        await using var world = await WorldAsync();
        await BootAsync(world);
        await world.AccountAsync(Record(1, At + 1).ToAccounting());
        await BootAsync(world, identifier: 8);
        await PassAsync(world);
        Assert.True(Assert.Single(await world.SessionsAsync()).IsOpen);
    }

    [Fact]
    public async Task What_is_reported_late_is_counted_whether_the_session_is_closed_by_then_or_not()
    {
        await using var world = await WorldAsync();
        await world.AccountAsync(Record(1, 0).ToAccounting());
        await BootAsync(world);
        await world.AccountAsync(Record(3, 300, 100, 1_000).ToAccounting());
        Assert.Equal((SessionEnd.NasReboot, World.Noon + Duration.FromSeconds(At)), await EndAsync(world));

        await PassAsync(world);
        await world.AccountAsync(Record(3, 350, 150, 1_500).ToAccounting());
        Assert.Equal((SessionEnd.NasReboot, World.Noon + Duration.FromSeconds(At)), await EndAsync(world));
        Assert.Equal((150L, 1_500L), await world.UsageAsync());
    }

    [Fact]
    public async Task A_name_that_is_used_again_before_its_session_is_closed_is_that_of_another_one()
    {
        await using var world = await WorldAsync();
        await world.AccountAsync(Record(3, 300, 100, 1_000).ToAccounting());
        await BootAsync(world);
        await world.AccountAsync(Record(1, At + 10).ToAccounting());
        await PassAsync(world);
        Assert.Equal(
            [(SessionEnd.NasReboot, World.Noon + Duration.FromSeconds(At)), ((SessionEnd?)null, (Instant?)null)],
            (await world.SessionsAsync()).Select(session => (session.End, session.StoppedAt)));
    }

    async Task<World> WorldAsync()
    {
        var world = await World.CreateAsync(postgres);
        world.AddDevice();
        world.AddSubscriber();
        world.Tenants.MoveTo(World.Noon + Duration.FromMinutes(10));
        return world;
    }

    /// <summary>Sessions that have been going on since noon, with a report after five minutes.</summary>
    static async Task FillAsync(World world, int count)
    {
        var device = world.Get<INasDevices>().At(System.Net.IPAddress.Loopback).Single();
        await using var owner = NpgsqlDataSource.Create(world.Database.OwnerConnection);
        await using var fill = owner.CreateCommand($"""
            insert into radius.session (tenant_id, id, nas_id, acct_session_id, user_name, incarnation, started_at, begin_known, last_at,
              counted_at, session_seconds, octets_up, octets_down, counter_flags)
            select '{world.Tenant.Id}', gen_random_uuid(), '{device.Id}', convert_to('s' || i, 'UTF8'), 'demo-user', 1, '{World.Noon}',
              true, t, t, 300, 70, 4000, 3
            from generate_series(1, {count}) i, (values (timestamptz '{World.Noon}' + interval '5 minutes')) v (t)
            """);
        await fill.ExecuteNonQueryAsync(Stop);
    }

    static async Task BootAsync(World world, byte identifier = 7)
    {
        var request = Dated(new Peer(4, identifier).Integer(40, 7).Text(44, "boot"), At).ToAccounting();
        Assert.Single((await world.AccountAsync(request)).Replies);
    }

    static async Task<PacketCode> LogInAsync(World world)
    {
        var request = new Peer(1).Text(1, "demo-user").Password("demo-pass").ToAccess();
        return Peer.Checked((await world.AuthenticateAsync(request)).Replies.Single(), request).Code;
    }

    static async Task<(SessionEnd? End, Instant? StoppedAt)> EndAsync(World world)
    {
        var session = Assert.Single(await world.SessionsAsync());
        return (session.End, session.StoppedAt);
    }

    /// <summary>Time for two rounds of the watch.</summary>
    static Task PassAsync(World world) => world.Actors.PassAsync(Duration.FromSeconds(3), Stop);

    static Peer Record(uint status, int at, long up = -1, long down = -1)
    {
        var peer = Dated(new Peer(4).Integer(40, status).Text(44, "s1").Text(1, "demo-user"), at);
        return up < 0 ? peer : peer.Integer(46, (uint)at).Integer(42, (uint)up).Integer(43, (uint)down);
    }

    static Peer Dated(Peer peer, int at) => peer.Integer(55, (uint)(World.Noon + Duration.FromSeconds(at)).ToUnixTimeSeconds());
}
