using System.Net;
using IspHost.Testing;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>A request that brings a fault of ours to light.</summary>
public sealed class FaultTests(PostgresFixture postgres)
{
    static readonly IPEndPoint Second = new(IPAddress.Loopback, 20_001);

    [Fact]
    public async Task Costs_no_other_login_its_answer_and_is_answered_when_it_comes_again()
    {
        await using var world = World.Create();
        world.AddDevice();
        byte[][] logins = [Login(world, "before"), Login(world, "broken"), Login(world, "after")];
        world.Memory.Breaks = "broken";

        Assert.Equal([1, 0, 1], (await world.AuthenticateAllAsync(logins)).Select(datagram => datagram.Replies.Count));
        Assert.Contains("radius.drops radius-auth failed", world.Counted);

        world.Memory.Breaks = null;
        Assert.Single((await world.AuthenticateAsync(logins[1], Second)).Replies);
    }

    [Fact]
    public async Task Costs_no_other_record_its_answer_and_is_stored_when_it_comes_again()
    {
        await using var world = await World.CreateAsync(postgres);
        world.AddDevice();
        byte[][] records = [Start(world, "before"), Start(world, "broken"), Start(world, "after")];
        world.Memory.Breaks = "broken";

        Assert.Equal([1, 0, 1], (await world.AccountAllAsync(records)).Select(datagram => datagram.Replies.Count));

        world.Memory.Breaks = null;
        Assert.Single((await world.AccountAsync(records[1], Second)).Replies);
    }

    static byte[] Login(World world, string user)
    {
        world.AddSubscriber(user);
        return new Peer(1).Text(1, user).Password("demo-pass").ToAccess();
    }

    static byte[] Start(World world, string user)
    {
        world.AddSubscriber(user);
        return new Peer(4).Integer(40, 1).Text(44, user).Text(1, user).ToAccounting();
    }
}
