using System.Net;
using System.Text;
using IspHost.Plugins.Radius.Access;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using NodaTime;

namespace IspHost.Plugins.Radius.Tests;

public sealed class AuthenticationTests
{
    [Theory]
    [InlineData("pap", "demo-pass", true)]
    [InlineData("pap", "demo-pasS", false)]
    [InlineData("pap", "", false)]
    [InlineData("chap", "demo-pass", true)]
    [InlineData("chap", "demo-pasS", false)]
    [InlineData("chap with its own challenge", "demo-pass", true)]
    [InlineData("chap with its own challenge", "demo-pasS", false)]
    [InlineData("mschapv2", "demo-pass", true)]
    [InlineData("mschapv2", "demo-pasS", false)]
    public async Task The_password_decides(string method, string password, bool isRight)
    {
        await using var world = Simple();
        var request = Login(method, password).ToAccess();
        var reply = await AskAsync(world, request);
        Assert.Equal(isRight ? PacketCode.AccessAccept : PacketCode.AccessReject, reply.Code);
        Assert.Equal([isRight ? "radius.accepts full" : "radius.rejects wrong_password"], world.Counted);
    }

    [Fact]
    public async Task A_long_password_of_any_letters_is_read()
    {
        await using var world = Simple();
        var password = "Πολύ μακρύς κωδικός πρόσβασης με ελληνικά γράμματα, 128 οκτάδες";
        world.AddSubscriber("long", password);
        Assert.Equal(PacketCode.AccessAccept, (await AskAsync(world, new Peer(1).Text(1, "long").Password(password).ToAccess())).Code);
    }

    [Theory]
    [InlineData(AccessMode.Full, PacketCode.AccessAccept)]
    [InlineData(AccessMode.Throttled, PacketCode.AccessAccept)]
    [InlineData(AccessMode.WalledGarden, PacketCode.AccessAccept)]
    [InlineData(AccessMode.Blocked, PacketCode.AccessReject)]
    internal async Task The_access_lock_decides(AccessMode access, PacketCode code)
    {
        await using var world = World.Create();
        world.AddDevice("test");
        world.Extensions.Add<INasVendor>("test", new TestVendor());
        world.AddSubscriber(access: access);
        var reply = await AskAsync(world, Login().ToAccess());
        Assert.Equal(code, reply.Code);
        Assert.Equal(code == PacketCode.AccessAccept, reply.TryFind(14988, 8, out var rates));
        Assert.Equal(code == PacketCode.AccessAccept ? $"10M/100M {access}" : "", Encoding.UTF8.GetString(rates));
    }

    [Fact]
    public async Task A_user_whom_the_tenant_does_not_know_is_rejected()
    {
        await using var world = Simple();
        Assert.Equal(
            PacketCode.AccessReject, (await AskAsync(world, new Peer(1).Text(1, "Demo-user").Password("demo-pass").ToAccess())).Code);
        Assert.Equal(["radius.rejects unknown_user"], world.Counted);
    }

    [Fact]
    public async Task A_name_that_is_no_text_is_nobodys()
    {
        await using var world = Simple();
        Assert.Equal(PacketCode.AccessReject, (await AskAsync(world, new Peer(1).Attribute(1, 0xff, 0xfe).Password("x").ToAccess())).Code);
    }

    [Fact]
    public async Task The_device_decides_the_tenant_before_the_user_is_looked_up()
    {
        await using var world = World.Create();
        var south = world.Tenants.Add("south");
        world.Devices.Add(world.Tenant.Id, "north-secret");
        world.Devices.Add(south.Id, "south-secret");
        world.AddSubscriber("same", "north-pass");
        world.Subscribers.Add(south.Id, "same", "south-pass");

        var request = new Peer(1).Text(1, "same").Password("south-pass", "south-secret").ToAccess("south-secret");
        var reply = Peer.Checked((await world.AuthenticateAsync(request)).Replies.Single(), request, "south-secret");
        Assert.Equal(PacketCode.AccessAccept, reply.Code);

        var crossed = new Peer(1, 8).Text(1, "same").Password("south-pass", "north-secret").ToAccess("north-secret");
        Assert.Equal(
            PacketCode.AccessReject, Peer.Checked((await world.AuthenticateAsync(crossed)).Replies.Single(), crossed, "north-secret").Code);
    }

    [Fact]
    public async Task Two_tenants_with_one_address_and_one_secret_are_served_to_neither()
    {
        await using var world = Simple();
        world.Devices.Add(world.Tenants.Add("south").Id, Peer.Secret);
        Assert.Empty((await world.AuthenticateAsync(Login().ToAccess())).Replies);
        Assert.Equal(["radius.drops radius-auth ambiguous_device"], world.Counted);
    }

    [Fact]
    public async Task A_source_in_the_form_of_ipv6_is_the_same_source()
    {
        await using var world = Simple();
        var request = Login().ToAccess();
        var datagram = await world.AuthenticateAsync(request, new IPEndPoint(IPAddress.Loopback.MapToIPv6(), 40_000));
        Assert.Equal(PacketCode.AccessAccept, Peer.Checked(datagram.Replies.Single(), request).Code);
    }

    [Theory]
    [InlineData("both", "several_credentials")]
    [InlineData("two passwords", "several_credentials")]
    [InlineData("eap", "eap")]
    [InlineData("none", "no_credentials")]
    public async Task What_cannot_be_checked_is_rejected(string credentials, string refusal)
    {
        await using var world = Simple();
        var peer = new Peer(1).Text(1, "demo-user");
        peer = credentials switch
        {
            "both" => peer.Password("demo-pass").Chap("demo-pass"),
            "two passwords" => peer.Password("demo-pass").Password("demo-pass"),
            "eap" => peer.Attribute(79, 2, 1, 0, 4),
            _ => peer,
        };
        Assert.Equal(PacketCode.AccessReject, (await AskAsync(world, peer.ToAccess())).Code);
        Assert.Equal([$"radius.rejects {refusal}"], world.Counted);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(0)]
    [InlineData(144)]
    public async Task A_password_of_a_length_that_no_client_sends_is_wrong(int length)
    {
        await using var world = Simple();
        Assert.Equal(
            PacketCode.AccessReject,
            (await AskAsync(world, new Peer(1).Text(1, "demo-user").Attribute(2, new byte[length]).ToAccess())).Code);
    }

    [Theory]
    [InlineData("demo-pass")]
    [InlineData("wrong")]
    public async Task Message_Authenticator_comes_first_in_every_answer(string password)
    {
        await using var world = Simple();
        var reply = await AskAsync(world, Login("pap", password).ToAccess());
        Assert.Equal(AttributeType.MessageAuthenticator, reply.Octets[20]);
    }

    [Fact]
    public async Task Proxy_State_comes_back_in_order_and_nothing_else_of_the_request_does()
    {
        await using var world = Simple();
        var reply = await AskAsync(world, Login("pap", "wrong").Attribute(33, 1, 2).Attribute(33, 3).Text(24, "state").ToAccess());
        Assert.Equal("80 33:0102 33:03", Show(reply));
    }

    [Fact]
    public async Task An_accept_has_what_a_session_needs()
    {
        await using var world = World.Create();
        world.AddDevice();
        var subscriber = world.AddSubscriber();
        world.Subscribers.Add(world.Tenant.Id, subscriber with
        {
            Addresses = new AddressAssignment
            {
                V4 = IPAddress.Parse("100.64.3.7"),
                V6 = IPNetwork.Parse("2001:db8:0:7::/64"),
                Delegated = IPNetwork.Parse("2001:db8:700::/56"),
            },
        });
        var reply = await AskAsync(world, Login().ToAccess());
        Assert.True(reply.TryFind(AttributeType.FramedIpAddress, out var v4));
        Assert.True(reply.TryFind(AttributeType.FramedIpv6Prefix, out var v6));
        Assert.True(reply.TryFind(AttributeType.DelegatedIpv6Prefix, out var delegated));
        Assert.Equal("64400307", Convert.ToHexString(v4));
        Assert.Equal("004020010DB800000007", Convert.ToHexString(v6));
        Assert.Equal("003820010DB8070000", Convert.ToHexString(delegated));
        Assert.InRange(reply.Integer(AttributeType.AcctInterimInterval)!.Value, 540u, 660u);
    }

    [Fact]
    public void Interims_of_a_thousand_sessions_spread_over_a_fifth_of_the_interval()
    {
        var profile = new AccessProfile { Up = default, Down = default, InterimInterval = Duration.FromMinutes(10) };
        var seconds = Enumerable.Range(1, 1000)
            .Select(i => AccessReply.InterimSeconds(profile, new SubscriptionId(new Guid(i, 0, 0, new byte[8])))).ToList();
        Assert.All(seconds, s => Assert.InRange(s, 540u, 660u));
        Assert.InRange(seconds.Distinct().Count(), 100, 121);
        Assert.InRange(
            AccessReply.InterimSeconds(profile with { InterimInterval = Duration.FromSeconds(1) }, SubscriptionId.New()), 60u, 66u);
    }

    [Fact]
    public async Task The_class_tells_session_and_service_and_cannot_be_forged()
    {
        await using var world = World.Create();
        var device = world.AddDevice();
        var subscriber = world.AddSubscriber();
        var reply = await AskAsync(world, Login().ToAccess());
        Assert.True(reply.TryFind(AttributeType.Class, out var octets));

        SessionTicket? Read(byte[] value, NasDevice by)
        {
            Assert.True(Packet.TryParse(new Peer(4).Attribute(25, value).ToAccounting(), out var packet, out _));
            return SessionTicket.Find(packet, by);
        }

        Assert.Equal(subscriber.Subscription, Read(octets.ToArray(), device)!.Value.Subscription);
        for (var i = 0; i < octets.Length; i++)
        {
            var forged = octets.ToArray();
            forged[i] ^= 1;
            Assert.Null(Read(forged, device));
        }
        Assert.Null(Read(octets.ToArray(), device with { Tenant = TenantId.New() }));
        Assert.Null(Read(octets.ToArray(), device with { Secret = "other"u8.ToArray() }));
    }

    [Fact]
    public async Task A_first_login_gets_an_address_and_the_next_one_too_until_the_pool_is_empty()
    {
        await using var world = World.Create();
        world.AddDevice();
        foreach (var name in (string[])["one", "two"])
        {
            var subscriber = world.AddSubscriber(name);
            world.Subscribers.Add(world.Tenant.Id, subscriber with { Profile = subscriber.Profile with { Pool = "pool" } });
        }
        Packet reply = default;
        for (byte i = 0; i < 2; i++)
        {
            reply = await AskAsync(world, new Peer(1, i).Text(1, "one").Password("demo-pass").ToAccess());
            Assert.True(reply.TryFind(AttributeType.FramedIpAddress, out var address));
            Assert.Equal("64400001", Convert.ToHexString(address));
        }
        reply = await AskAsync(world, new Peer(1, 9).Text(1, "two").Password("demo-pass").ToAccess());
        Assert.Equal(PacketCode.AccessReject, reply.Code);
        Assert.Contains("radius.rejects pool_exhausted", world.Counted);
    }

    [Theory]
    [InlineData("broken")]
    [InlineData("missing")]
    public async Task A_vendor_that_fails_costs_its_attributes_and_not_the_answer(string vendor)
    {
        await using var world = World.Create();
        world.AddDevice(vendor);
        world.AddSubscriber();
        world.Extensions.Add<INasVendor>("broken", new TestVendor(fails: true));
        var reply = await AskAsync(world, Login().ToAccess());
        Assert.Equal(PacketCode.AccessAccept, reply.Code);
        Assert.False(reply.Has(AttributeType.VendorSpecific));
        Assert.True(reply.Has(AttributeType.Class));
        Assert.Contains($"radius.vendor.failures {vendor}", world.Counted);
    }

    [Fact]
    public async Task A_device_that_need_not_sign_is_served_without_proxy_state()
    {
        await using var world = World.Create();
        world.AddDevice(requires: false);
        world.AddSubscriber();
        Assert.Equal(PacketCode.AccessAccept, (await AskAsync(world, Login().ToAccess(sign: false))).Code);
        var unsigned = new Peer(1, 8).Text(1, "demo-user").Password("demo-pass").Attribute(33, 1).ToAccess(sign: false);
        Assert.Empty((await world.AuthenticateAsync(unsigned)).Replies);
        Assert.Equal("radius.drops radius-auth unprotected_proxy_state", world.Counted[^1]);
    }

    [Fact]
    public async Task A_status_request_is_answered_with_a_signed_accept()
    {
        await using var world = Simple();
        var reply = await AskAsync(world, new Peer(12).ToAccess());
        Assert.Equal(PacketCode.AccessAccept, reply.Code);
        Assert.Equal("80", Show(reply));
    }

    [Fact]
    public async Task A_repetition_gets_the_same_octets_and_another_request_another_answer()
    {
        await using var world = Simple();
        var request = Login().ToAccess();
        var first = await world.AuthenticateAsync(request);
        var again = await world.AuthenticateAsync(request);
        var other = await world.AuthenticateAsync(Login().ToAccess());
        Assert.Equal(first.Replies.Single(), again.Replies.Single());
        Assert.NotEqual(first.Replies.Single(), other.Replies.Single());
        Assert.Contains("radius.repeats radius-auth", world.Counted);
    }

    [Fact]
    public async Task A_repetition_in_the_same_call_is_dropped_while_the_first_waits_for_its_address()
    {
        await using var world = World.Create();
        world.AddDevice();
        var subscriber = world.AddSubscriber();
        world.Subscribers.Add(world.Tenant.Id, subscriber with { Profile = subscriber.Profile with { Pool = "pool" } });
        var request = Login().ToAccess();
        var datagrams = new[] { new Sdk.Testing.FakeDatagram(request), new Sdk.Testing.FakeDatagram(request) };
        await world.Get<AuthenticationListener>().HandleAsync(datagrams, TestContext.Current.CancellationToken);
        Assert.Single(datagrams[0].Replies);
        Assert.Empty(datagrams[1].Replies);
        Assert.Contains("radius.drops radius-auth in_progress", world.Counted);
    }

    [Fact]
    public async Task Ms_chap_is_answered_with_the_servers_own_proof()
    {
        await using var world = Simple();
        var reply = await AskAsync(world, Login("mschapv2", "demo-pass").ToAccess());
        Assert.True(reply.TryFind(MsChapV2.Vendor, MsChapV2.SuccessType, out var success));
        Assert.Equal(43, success.Length);
        Assert.Equal(5, success[0]);
        Assert.Equal("S=", Encoding.ASCII.GetString(success[1..3]));
    }

    [Fact]
    public async Task Ms_chap_failure_says_so()
    {
        await using var world = Simple();
        var reply = await AskAsync(world, Login("mschapv2", "wrong").ToAccess());
        Assert.True(reply.TryFind(MsChapV2.Vendor, MsChapV2.ErrorType, out var error));
        Assert.StartsWith("E=691 R=0", Encoding.ASCII.GetString(error[1..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_limit_is_not_enforced_while_the_database_is_away()
    {
        await using var world = World.Create();
        world.AddDevice();
        var subscriber = world.AddSubscriber();
        world.Subscribers.Add(world.Tenant.Id, subscriber with { Profile = subscriber.Profile with { SessionLimit = 1 } });
        Assert.Equal(PacketCode.AccessAccept, (await AskAsync(world, Login().ToAccess())).Code);
    }

    static World Simple()
    {
        var world = World.Create();
        world.AddDevice();
        world.AddSubscriber();
        return world;
    }

    static Peer Login(string method = "pap", string password = "demo-pass")
    {
        var peer = new Peer(1).Text(1, "demo-user");
        return method switch
        {
            "pap" => peer.Password(password),
            "chap" => peer.Chap(password),
            "chap with its own challenge" => peer.Chap(password, challenge: "0102030405060708090a0b0c0d0e0f10"),
            _ => MsChap(peer, password),
        };
    }

    static Peer MsChap(Peer peer, string password)
    {
        byte[] challenge = [.. Enumerable.Range(1, 16).Select(i => (byte)i)], own = [.. Enumerable.Range(101, 16).Select(i => (byte)i)];
        byte[] hash = new byte[16], response = new byte[24];
        MsChapV2.PasswordHash(password, hash);
        MsChapV2.Response(challenge, own, "demo-user"u8, hash, response);
        return peer.Vendor(MsChapV2.Vendor, MsChapV2.ChallengeType, challenge)
            .Vendor(MsChapV2.Vendor, MsChapV2.ResponseType, [5, 0, .. own, .. new byte[8], .. response]);
    }

    static async Task<Packet> AskAsync(World world, byte[] request)
        => Peer.Checked((await world.AuthenticateAsync(request)).Replies.Single(), request);

    static string Show(Packet packet)
    {
        var shown = new List<string>();
        foreach (var attribute in packet)
            shown.Add(attribute.Type == 80 ? "80" : $"{attribute.Type}:{Convert.ToHexString(attribute.Value)}");
        return string.Join(' ', shown);
    }
}
