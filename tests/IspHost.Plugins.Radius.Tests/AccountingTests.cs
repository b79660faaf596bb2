using System.Net;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk.Testing;
using IspHost.Testing;
using NodaTime;
using Npgsql;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>Accounting from the packet to the table, on PostgreSQL.</summary>
public sealed class AccountingTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_session_is_stored_counted_and_acknowledged()
    {
        await using var world = await WorldAsync();
        var requests =
            new[] { Record(1, 0).ToAccounting(), Record(3, 600, 100, 1000).ToAccounting(), Record(2, 900, 260, 4_100).ToAccounting() };
        foreach (var request in requests)
            Assert.Equal(PacketCode.AccountingResponse, Peer.Checked((await world.AccountAsync(request)).Replies.Single(), request).Code);

        var session = Assert.Single(await world.SessionsAsync());
        Assert.Equal((260, 4_100, 900), (session.Up.Octets, session.Down.Octets, session.Seconds));
        Assert.Equal(SessionEnd.Stopped, session.End);
        Assert.Equal(world.Subscribers.Find(world.Tenant.Id, "demo-user")!.Subscription, session.Subscription);
        Assert.Equal((260L, 4_100L), await world.UsageAsync());
        Assert.Equal(["start", "interim", "stop"], world.Counted.Select(line => line.Split(' ')[1]));
    }

    [Fact]
    public async Task What_was_used_before_the_service_was_known_is_usage_once_it_is_known()
    {
        await using var world = await WorldAsync();
        await world.AccountAsync(Record(1, 0, user: "newcomer").ToAccounting());
        await world.AccountAsync(Record(3, 600, 100, 1000, user: "newcomer").ToAccounting());
        Assert.Equal((0L, 0L), await world.UsageAsync());

        world.AddSubscriber("newcomer");
        await world.AccountAsync(Record(3, 900, 100, 1000, user: "newcomer").ToAccounting());
        Assert.Equal((100L, 1000L), await world.UsageAsync());
        await world.AccountAsync(Record(2, 1200, 260, 4_100, user: "newcomer").ToAccounting());
        Assert.Equal((260L, 4_100L), await world.UsageAsync());
    }

    [Fact]
    public async Task A_repetition_is_answered_again_and_stored_once()
    {
        await using var world = await WorldAsync();
        var request = Record(2, 900, 260, 4_100).ToAccounting();
        var first = await world.AccountAsync(request);
        var again = await world.AccountAsync(request);
        Assert.Equal(first.Replies.Single(), again.Replies.Single());
        Assert.Equal((260L, 4_100L), await world.UsageAsync());
    }

    [Fact]
    public async Task A_repetition_with_another_delay_is_the_same_record()
    {
        await using var world = await WorldAsync();
        await world.AccountAsync(Undated(2, 260, delay: 0).ToAccounting());
        world.Tenants.MoveBy(Duration.FromSeconds(45));
        Assert.Single((await world.AccountAsync(Undated(2, 260, delay: 45, identifier: 8).ToAccounting())).Replies);

        var session = Assert.Single(await world.SessionsAsync());
        Assert.Equal(World.Noon + Duration.FromMinutes(30), session.StoppedAt);
        Assert.Equal((260L, 260L), await world.UsageAsync());
    }

    [Fact]
    public async Task A_batch_of_many_sessions_with_all_their_records_is_one_transaction()
    {
        await using var world = await WorldAsync();
        var requests = Enumerable.Range(0, 100).SelectMany(i => (byte[][])
        [
            Record(2, 900, i, 10 * i, id: $"s{i}").ToAccounting(), Record(1, 0, id: $"s{i}").ToAccounting(),
            Record(3, 300, i / 2, 5 * i, id: $"s{i}").ToAccounting(),
        ]);
        var datagrams = await world.AccountAllAsync(requests);
        Assert.All(datagrams, datagram => Assert.Single(datagram.Replies));
        Assert.Equal(100, (await world.SessionsAsync()).Count);
        Assert.Equal((4_950L, 49_500L), await world.UsageAsync());
        Assert.Equal(1, await world.Database.ScalarAsync<long>("select count(distinct xmin::text) from radius.session"));
    }

    [Fact]
    public async Task Two_nodes_that_get_the_same_records_at_the_same_time_count_them_once()
    {
        await using var world = await WorldAsync();
        await using var second = world.SecondNode();
        var random = new Random(7);
        var requests = Enumerable.Range(0, 60).SelectMany(i => Enumerable.Range(0, 4)
            .Select(n => Record(n == 3 ? 2 : n == 0 ? 1u : 3u, 300 * n, 100 * n, 1000 * n, id: $"s{i}").ToAccounting())).ToArray();
        IEnumerable<Task<IReadOnlyList<FakeDatagram>>> Batches(World node)
        {
            var mine = requests.ToArray();
            random.Shuffle(mine);
            return [.. mine.Chunk(40).Select(node.AccountAllAsync)];
        }
        var answers = await Task.WhenAll(Batches(world).Concat(Batches(second)));
        Assert.All(answers.SelectMany(datagrams => datagrams), datagram => Assert.Single(datagram.Replies));
        Assert.Equal(60, (await world.SessionsAsync()).Count);
        Assert.Equal((60 * 300L, 60 * 3_000L), await world.UsageAsync());
    }

    [Fact]
    public async Task A_database_that_dies_in_the_middle_of_a_batch_means_no_answer_and_the_next_try_counts()
    {
        await using var world = await WorldAsync();
        await using var owner = NpgsqlDataSource.Create(world.Database.OwnerConnection);
        await using var blocker = await owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(blocker, "begin; lock table host.usage in access exclusive mode");
        var request = Record(2, 900, 260, 4_100).ToAccounting();
        var datagram = new FakeDatagram(request);

        var handling = world.Get<AccountingListener>().HandleAsync([datagram], TestContext.Current.CancellationToken).AsTask();
        while (await world.Database.ScalarAsync<long>(Waiting("count(*)")) == 0)
            await Task.Yield();
        Assert.Empty(datagram.Replies);
        await world.Database.ScalarAsync<bool>(Waiting("pg_terminate_backend(pid)"));
        await handling;

        Assert.Empty(datagram.Replies);
        Assert.Empty(await world.SessionsAsync());
        Assert.Equal("radius.drops radius-acct not_stored", world.Counted[^1]);
        await ExecuteAsync(blocker, "rollback");
        Assert.Single((await world.AccountAsync(request)).Replies);
        Assert.Equal((260L, 4_100L), await world.UsageAsync());
    }

    [Fact]
    public async Task A_session_that_another_node_begins_at_the_same_moment_is_one_session()
    {
        await using var world = await WorldAsync();
        await using var owner = NpgsqlDataSource.Create(world.Database.OwnerConnection);
        await using var other = await owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var nas = world.Devices.At(IPAddress.Loopback).Single().Id;
        var service = world.Subscribers.Find(world.Tenant.Id, "demo-user")!.Subscription;
        await ExecuteAsync(other, $"""
            begin;
            insert into radius.session (tenant_id, id, nas_id, acct_session_id, user_name, incarnation, subscription_id, started_at,
              begin_known, last_at, counted_at, session_seconds, octets_up, octets_down, counter_flags)
            values ('{world.Tenant.Id}', gen_random_uuid(), '{nas}', 's1', 'demo-user', 1, '{service}', '{World.Noon}',
              true, '{World.Noon}', '{World.Noon}', 0, 100, 1000, 3)
            """);
        var datagram = new FakeDatagram(Record(2, 900, 260, 4_100).ToAccounting());

        var handling = world.Get<AccountingListener>().HandleAsync([datagram], TestContext.Current.CancellationToken).AsTask();
        while (await world.Database.ScalarAsync<long>(Waiting("count(*)")) == 0)
            await Task.Yield();
        await ExecuteAsync(other, "commit");
        await handling;

        Assert.Single(datagram.Replies);
        Assert.Equal(4_100, Assert.Single(await world.SessionsAsync()).Down.Octets);
        Assert.Equal((160L, 3_100L), await world.UsageAsync());
    }

    [Fact]
    public async Task A_record_that_cannot_be_stored_costs_the_others_nothing()
    {
        await using var world = await WorldAsync();
        await using (var owner = NpgsqlDataSource.Create(world.Database.OwnerConnection))
        await using (var connection = await owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await ExecuteAsync(connection, """
                create function radius.refuse() returns trigger language plpgsql as $$
                begin
                  if new.acct_session_id = 's13'::bytea then raise exception using errcode = '22000', message = 'refused'; end if;
                  return new;
                end $$;
                create trigger refuse before insert on radius.session for each row execute function radius.refuse()
                """);
        var datagrams = await world.AccountAllAsync(
            Enumerable.Range(0, 30).Select(i => Record(2, 900, 1, 10, id: $"s{i}").ToAccounting()));
        Assert.Equal([13], datagrams.Index().Where(sent => sent.Item.Replies.Count == 0).Select(sent => sent.Index));
        Assert.Equal((29L, 290L), await world.UsageAsync());
    }

    [Fact]
    public async Task Who_is_not_known_is_recorded_without_a_service_and_not_billed()
    {
        await using var world = await WorldAsync();
        Assert.Single((await world.AccountAsync(Record(2, 900, 260, 4_100, user: "stranger").ToAccounting())).Replies);
        var session = Assert.Single(await world.SessionsAsync());
        Assert.Null(session.Subscription);
        Assert.Equal(4_100, session.Down.Octets);
        Assert.Equal((0L, 0L), await world.UsageAsync());
    }

    [Fact]
    public async Task Any_octets_are_a_name()
    {
        await using var world = await WorldAsync();
        var request = new Peer(4).Integer(40, 1).Attribute(44, 0, 255).Attribute(
            1, [.. "x'; drop table radius.session; --\r\n\0"u8]).ToAccounting();
        Assert.Single((await world.AccountAsync(request)).Replies);
        var session = Assert.Single(await world.SessionsAsync());
        Assert.Equal([0, 255], session.Key.AcctSessionId.Octets);
        Assert.Equal("x'; drop table radius.session; --\uFFFD\uFFFD\uFFFD", session.Key.UserName.ToString());
    }

    [Fact]
    public async Task Tenants_whose_devices_use_the_same_names_do_not_see_each_other()
    {
        await using var world = await WorldAsync();
        var south = await world.AddTenantAsync("south");
        world.Devices.Add(south.Id, "south-secret");
        world.Subscribers.Add(south.Id, "demo-user", "x");
        await world.AccountAllAsync(
            [Record(2, 900, 1, 2).ToAccounting(), Record(2, 900, 30, 40, identifier: 8).ToAccounting("south-secret")]);
        Assert.Equal(1, Assert.Single(await world.SessionsAsync()).Up.Octets);
        Assert.Equal(30, Assert.Single(await world.SessionsAsync(south.Id)).Up.Octets);
        Assert.Equal((1L, 2L), await world.UsageAsync());
        Assert.Equal((30L, 40L), await world.UsageAsync(south.Id));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public async Task A_device_that_begins_anew_ends_the_sessions_it_had(uint status)
    {
        await using var world = await WorldAsync();
        var other = world.Devices.Add(world.AddDevice() with { Address = IPAddress.Parse("127.0.0.2") });
        await world.AccountAsync(Record(1, 0, id: "mine").ToAccounting());
        await world.AccountAsync(Record(3, 300, 100, 1000, id: "mine").ToAccounting());
        await world.AccountAsync(Record(1, 0, id: "theirs").ToAccounting(), new IPEndPoint(other.Address, 40_000));
        var request = Dated(new Peer(4).Integer(40, status).Text(44, "boot"), 400).ToAccounting();
        Assert.Single((await world.AccountAsync(request)).Replies);
        await world.Actors.PassAsync(Duration.FromSeconds(2), TestContext.Current.CancellationToken);

        var sessions = (await world.SessionsAsync()).ToDictionary(session => session.Key.AcctSessionId.ToString());
        Assert.Equal((SessionEnd.NasReboot, World.Noon + Duration.FromSeconds(400)), (sessions["mine"].End, sessions["mine"].StoppedAt));
        Assert.True(sessions["theirs"].IsOpen);
        Assert.Equal((100L, 1000L), await world.UsageAsync());
    }

    [Fact]
    public async Task A_name_used_again_after_a_reboot_is_a_new_session_and_late_records_find_the_old_one()
    {
        await using var world = await WorldAsync();
        await world.AccountAllAsync(
        [
            Record(1, 0).ToAccounting(), Record(3, 300, 100, 1000).ToAccounting(),
            Dated(new Peer(4).Integer(40, 7), 400).ToAccounting(),
            Record(1, 402).ToAccounting(), Record(3, 500, 7, 8, began: 402).ToAccounting(),
            Record(2, 350, 150, 1500).ToAccounting(),
        ]);
        var sessions = await world.SessionsAsync();
        Assert.Equal([(150L, 1500L, SessionEnd.Stopped), (7L, 8L, null)],
            sessions.Select(session => (session.Up.Octets, session.Down.Octets, session.End)));
        Assert.Equal((157L, 1508L), await world.UsageAsync());
    }

    [Fact]
    public async Task Usage_lies_in_the_hours_of_the_tenants_zone()
    {
        await using var world = await WorldAsync();
        world.Tenants.MoveTo(World.Noon + Duration.FromHours(2));
        await world.AccountAsync(Record(2, 5_400, 0, 5_400).ToAccounting());
        Assert.Equal("3600 1800", await world.Database.ScalarAsync<string>(
            "select string_agg(bytes_down::text, ' ' order by started_at) from host.usage"));
    }

    [Fact]
    public async Task A_time_that_cannot_be_is_the_time_of_arrival()
    {
        await using var world = await WorldAsync();
        await world.AccountAsync(Undated(1, 0, delay: 10).Integer(55, 86_400).ToAccounting());
        Assert.Equal(World.Noon + Duration.FromSeconds(30 * 60 - 10), Assert.Single(await world.SessionsAsync()).LastAt);
    }

    [Fact]
    public async Task Records_about_tunnels_are_acknowledged()
    {
        await using var world = await WorldAsync();
        Assert.Single((await world.AccountAsync(new Peer(4).Integer(40, 9).Text(44, "t").ToAccounting())).Replies);
        Assert.Empty(await world.SessionsAsync());
    }

    [Fact]
    public async Task Proxy_State_comes_back_and_a_signed_request_is_accepted()
    {
        await using var world = await WorldAsync();
        var request = Record(1, 0).Attribute(33, 1, 2).Attribute(33, 3).ToAccounting(sign: true);
        var reply = Peer.Checked((await world.AccountAsync(request)).Replies.Single(), request);
        Assert.Equal("21040102210303", Convert.ToHexString(reply.Octets[20..]));
    }

    [Fact]
    public async Task A_status_request_is_answered_while_records_can_be_stored_and_not_otherwise()
    {
        await using var world = await WorldAsync();
        var request = new Peer(12).ToAccess();
        Assert.Equal(PacketCode.AccountingResponse, Peer.Checked((await world.AccountAsync(request)).Replies.Single(), request).Code);

        await using var away = World.Create();
        away.AddDevice();
        Assert.Empty((await away.AccountAsync(new Peer(12).ToAccess())).Replies);
        Assert.Empty((await away.AccountAsync(Record(1, 0).ToAccounting())).Replies);
    }

    [Fact]
    public async Task The_class_of_the_login_finds_the_session_and_its_service()
    {
        await using var world = await WorldAsync();
        var login = new Peer(1).Text(1, "demo-user").Password("demo-pass").ToAccess();
        Peer.Checked((await world.AuthenticateAsync(login)).Replies.Single(), login).TryFind(AttributeType.Class, out var ticket);
        await world.AccountAsync(Record(2, 900, 1, 2, user: "renamed").Attribute(25, ticket.ToArray()).ToAccounting());
        var session = Assert.Single(await world.SessionsAsync());
        Assert.NotNull(session.Token);
        Assert.Equal(world.Subscribers.Find(world.Tenant.Id, "demo-user")!.Subscription, session.Subscription);
    }

    [Fact]
    public async Task A_session_limit_counts_open_sessions_that_show_life()
    {
        await using var world = await WorldAsync();
        var subscriber = world.Subscribers.Find(world.Tenant.Id, "demo-user")!;
        world.Subscribers.Add(world.Tenant.Id, subscriber with { Profile = subscriber.Profile with { SessionLimit = 1 } });
        world.Tenants.MoveTo(World.Noon);
        await world.AccountAsync(Record(1, 0).ToAccounting());
        Assert.Equal(PacketCode.AccessReject, await LoginAsync(1));

        world.Tenants.MoveBy(Duration.FromMinutes(31));
        Assert.Equal(PacketCode.AccessAccept, await LoginAsync(2));
        await world.AccountAsync(Record(3, 1_800, 1, 1).ToAccounting());
        Assert.Equal(PacketCode.AccessReject, await LoginAsync(3));
        await world.AccountAsync(Record(2, 1_850, 1, 1).ToAccounting());
        world.Clock.Advance(Duration.FromSeconds(31)); // The second login has not come in.
        Assert.Equal(PacketCode.AccessAccept, await LoginAsync(4));

        async Task<PacketCode> LoginAsync(byte identifier)
        {
            var request = new Peer(1, identifier).Text(1, "demo-user").Password("demo-pass").ToAccess();
            return Peer.Checked((await world.AuthenticateAsync(request)).Replies.Single(), request).Code;
        }
    }

    async Task<World> WorldAsync()
    {
        var world = await World.CreateAsync(postgres);
        world.AddDevice();
        world.AddSubscriber();
        world.Tenants.MoveTo(World.Noon + Duration.FromMinutes(30));
        return world;
    }

    static Peer Record(
        uint status, int at, long up = -1, long down = -1, string id = "s1", string user = "demo-user", int began = 0, byte identifier = 7)
    {
        var peer = Dated(new Peer(4, identifier).Integer(40, status).Text(44, id).Text(1, user), at);
        if (up < 0)
            return peer;
        return peer.Integer(46, (uint)(at - began)).Integer(42, (uint)up).Integer(43, (uint)down).Integer(52, (uint)(up >> 32))
            .Integer(53, (uint)(down >> 32));
    }

    static Peer Undated(uint status, uint octets, uint delay, byte identifier = 7) => new Peer(4, identifier).Integer(40, status)
        .Text(44, "s1").Text(1, "demo-user").Integer(41, delay).Integer(46, 300).Integer(42, octets).Integer(43, octets);

    static Peer Dated(Peer peer, int at) => peer.Integer(55, (uint)(World.Noon + Duration.FromSeconds(at)).ToUnixTimeSeconds());

    static string Waiting(string what)
        => $"select {what} from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
