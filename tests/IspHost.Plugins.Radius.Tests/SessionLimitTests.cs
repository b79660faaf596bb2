using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk.Subscribers;
using IspHost.Testing;
using NodaTime;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>How many sessions a service may have, between Access-Accept and the first record as well.</summary>
public sealed class SessionLimitTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Of_two_logins_at_once_at_two_nodes_one_comes_in()
    {
        await using var world = await WorldAsync(limit: 1);
        await using var other = world.SecondNode();
        for (var i = 0; i < 20; i++)
        {
            var name = $"user-{i}";
            Limit(world, world.AddSubscriber(name), 1);
            var answers = await Task.WhenAll(LogInAsync(world, user: name), LogInAsync(other, user: name));
            Assert.Equal([PacketCode.AccessAccept, PacketCode.AccessReject], answers.Select(answer => answer.Code).Order());
        }
    }

    [Fact]
    public async Task Of_two_logins_in_one_batch_one_comes_in()
    {
        await using var world = await WorldAsync(limit: 1);
        byte[][] requests = [Request("line-1"), Request("line-2")];
        var answers = await world.AuthenticateAllAsync(requests);
        Assert.Equal(
            [PacketCode.AccessAccept, PacketCode.AccessReject],
            answers.Select((answer, i) => Peer.Checked(answer.Replies.Single(), requests[i]).Code));
    }

    [Fact]
    public async Task Sessions_and_logins_on_their_way_fill_a_limit_together()
    {
        await using var world = await WorldAsync(limit: 2);
        await RecordAsync(world, 1, await AcceptAsync(world, "line-1"), "s1");
        await AcceptAsync(world, "line-2");
        Assert.Equal(PacketCode.AccessReject, (await LogInAsync(world, "line-3")).Code);
    }

    [Fact]
    public async Task A_session_that_has_begun_is_counted_once_and_frees_its_place_when_it_ends()
    {
        await using var world = await WorldAsync(limit: 2);
        var ticket = await AcceptAsync(world, "line-1");
        await RecordAsync(world, 1, ticket, "s1");
        await RecordAsync(world, 1, await AcceptAsync(world, "line-2"), "s2");
        await RecordAsync(world, 2, ticket, "s1");
        Assert.Equal(PacketCode.AccessAccept, (await LogInAsync(world, "line-3")).Code);
        Assert.Equal(PacketCode.AccessReject, (await LogInAsync(world, "line-4")).Code);
    }

    [Fact]
    public async Task A_place_that_nobody_came_for_is_free_after_half_a_minute()
    {
        await using var world = await WorldAsync(limit: 1);
        await AcceptAsync(world, "line-1");
        world.Clock.Advance(Duration.FromSeconds(29));
        Assert.Equal(PacketCode.AccessReject, (await LogInAsync(world, "line-2")).Code);
        world.Clock.Advance(Duration.FromSeconds(1));
        Assert.Equal(PacketCode.AccessAccept, (await LogInAsync(world, "line-2")).Code);
    }

    [Fact]
    public async Task Who_asks_again_from_the_same_line_even_at_another_node_has_not_come_in()
    {
        await using var world = await WorldAsync(limit: 1);
        await using var other = world.SecondNode();
        await AcceptAsync(world, "line-1");
        Assert.Equal(PacketCode.AccessAccept, (await LogInAsync(other, "line-1")).Code);
        Assert.Equal(PacketCode.AccessReject, (await LogInAsync(world, "line-2")).Code);
    }

    [Fact]
    public async Task A_device_that_sends_no_class_back_gives_the_place_back_all_the_same()
    {
        await using var world = await WorldAsync(limit: 1);
        await AcceptAsync(world, "line-1");
        await RecordAsync(world, 1, null, "s1");
        await RecordAsync(world, 2, null, "s1");
        Assert.Equal(PacketCode.AccessAccept, (await LogInAsync(world, "line-2")).Code);
    }

    async Task<World> WorldAsync(int limit)
    {
        var world = await World.CreateAsync(postgres);
        world.AddDevice();
        Limit(world, world.AddSubscriber(), limit);
        return world;
    }

    static void Limit(World world, Subscriber subscriber, int limit)
        => world.Subscribers.Add(world.Tenant.Id, subscriber with { Profile = subscriber.Profile with { SessionLimit = limit } });

    static byte[] Request(string? line, string user = "demo-user")
    {
        var peer = new Peer(1).Text(1, user).Password("demo-pass");
        return (line is null ? peer : peer.Text(31, line)).ToAccess();
    }

    static async Task<Packet> LogInAsync(World node, string? line = null, string user = "demo-user")
    {
        var request = Request(line, user);
        return Peer.Checked((await node.AuthenticateAsync(request)).Replies.Single(), request);
    }

    /// <returns>The Class of the Access-Accept.</returns>
    static async Task<byte[]> AcceptAsync(World node, string line)
    {
        var answer = await LogInAsync(node, line);
        Assert.Equal(PacketCode.AccessAccept, answer.Code);
        Assert.True(answer.TryFind(AttributeType.Class, out var ticket));
        return ticket.ToArray();
    }

    static async Task RecordAsync(World node, uint status, byte[]? ticket, string session)
    {
        var record = new Peer(4).Integer(40, status).Text(44, session).Text(1, "demo-user");
        await node.AccountAsync((ticket is null ? record : record.Attribute(25, ticket)).ToAccounting());
    }
}
