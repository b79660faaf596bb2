using IspHost.Plugins.Radius.Wire;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>Devices of several tenants at one address, and requests that the address alone speaks for.</summary>
public sealed class SharedAddressTests
{
    [Fact]
    public async Task A_stricter_device_of_another_tenant_silences_nobody()
    {
        await using var world = World.Create();
        world.AddDevice(requires: false);
        world.AddSubscriber();
        world.Devices.Add(world.Tenants.Add("south").Id, "south-secret");
        var request = Login();

        var reply = Peer.Checked((await world.AuthenticateAsync(request)).Replies.Single(), request);

        Assert.Equal(PacketCode.AccessAccept, reply.Code);
    }

    [Fact]
    public async Task Of_two_that_may_both_do_without_a_proof_neither_is_guessed()
    {
        await using var world = World.Create();
        world.AddDevice(requires: false);
        world.AddSubscriber();
        world.Devices.Add(world.Devices.Add(world.Tenants.Add("south").Id, "south-secret") with { RequireMessageAuthenticator = false });

        Assert.Empty((await world.AuthenticateAsync(Login())).Replies);
        Assert.Equal(["radius.drops radius-auth ambiguous_device"], world.Counted);
    }

    static byte[] Login() => new Peer(1).Text(1, "demo-user").Password("demo-pass").ToAccess(sign: false);
}
