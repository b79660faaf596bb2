using System.Net;
using IspHost.Plugins.Radius.Access;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>What arrives from anybody who can send a datagram: it ends in a counted drop, whatever it is.</summary>
public sealed class HostilePacketTests
{
    /// <summary>On which port, what it is, and as what it must be counted.</summary>
    static readonly (string Port, string Name, byte[] Packet, string Reason)[] Cases =
    [
        ("auth", "nothing", [], "too_short"),
        ("auth", "one octet", [1], "too_short"),
        ("auth", "19 octets", new byte[19], "too_short"),
        ("auth", "length 0", Header(1, 0, 20), "bad_length"),
        ("auth", "length 19", Header(1, 19, 20), "bad_length"),
        ("auth", "length one more than arrived", Header(1, 21, 20), "bad_length"),
        ("auth", "length 65535", Header(1, 65535, 100), "bad_length"),
        ("auth", "4097 octets", Header(1, 4097, 4097), "bad_length"),
        ("auth", "all octets 255", [.. Enumerable.Repeat((byte)255, 300)], "bad_length"),
        ("auth", "attribute of length 0", Access().Raw(1, 0).ToAccess(sign: false), "bad_attribute"),
        ("auth", "attribute of length 1", Access().Raw(1, 1).ToAccess(sign: false), "bad_attribute"),
        ("auth", "attribute of a type and nothing else", Access().Raw(1).ToAccess(sign: false), "bad_attribute"),
        ("auth", "attribute one octet past the end", Access().Raw(1, 4, 65).ToAccess(sign: false), "bad_attribute"),
        ("auth", "attribute of length 255 in a short packet", Access().Raw(1, 255, 65).ToAccess(sign: false), "bad_attribute"),
        ("auth", "attribute of length 0 behind a good one", Access().Text(1, "u").Raw(2, 0, 0).ToAccess(sign: false), "bad_attribute"),
        ("auth", "201 attributes", Repeat(Access(), 201).ToAccess(sign: false), "too_many_attributes"),
        ("auth", "2038 attributes", Repeat(Access(), 2038).ToAccess(sign: false), "too_many_attributes"),
        (
            "auth", "message authenticator of 15 octets", Access().Attribute(80, new byte[15]).ToAccess(sign: false),
            "malformed_message_authenticator"),
        (
            "auth", "message authenticator of 17 octets", Access().Attribute(80, new byte[17]).ToAccess(sign: false),
            "malformed_message_authenticator"),
        ("auth", "empty message authenticator", Access().Attribute(80).ToAccess(sign: false), "malformed_message_authenticator"),
        ("auth", "two message authenticators", Access().Attribute(80, new byte[16]).ToAccess(), "malformed_message_authenticator"),
        ("auth", "message authenticator of zeros", Login().Attribute(80, new byte[16]).ToAccess(sign: false), "bad_message_authenticator"),
        ("auth", "another secret", Login().ToAccess("other"), "bad_message_authenticator"),
        ("auth", "one bit changed", Flip(Login().ToAccess(), 25), "bad_message_authenticator"),
        ("auth", "identifier changed", Flip(Login().ToAccess(), 1), "bad_message_authenticator"),
        ("auth", "authenticator changed", Flip(Login().ToAccess(), 10), "bad_message_authenticator"),
        ("auth", "no message authenticator", Login().ToAccess(sign: false), "missing_message_authenticator"),
        (
            "auth", "EAP without message authenticator", Access().Attribute(79, 2, 1, 0, 4).ToAccess(sign: false),
            "missing_message_authenticator"),
        ("auth", "status server without message authenticator", new Peer(12).ToAccess(sign: false), "missing_message_authenticator"),
        ("auth", "nothing that proves anything", Access().Text(1, "demo-user").ToAccess(sign: false), "no_credentials"),
        ("auth", "no attribute at all", Access().ToAccess(sign: false), "no_credentials"),
        ("auth", "code 0", new Peer(0).ToAccess(), "unexpected_code"),
        ("auth", "an answer", new Peer(2).ToAccess(), "unexpected_code"),
        ("auth", "an accounting request", new Peer(4).Integer(40, 1).Text(44, "s").ToAccounting(), "unexpected_code"),
        ("auth", "a challenge", new Peer(11).ToAccess(), "unexpected_code"),
        ("auth", "a disconnect request", new Peer(40).ToAccounting(), "unexpected_code"),
        ("auth", "code 255", new Peer(255).ToAccess(), "unexpected_code"),
        (
            "auth", "proxy states that leave no room for an answer", Proxied(Login(), 15).Attribute(33, new byte[238]).ToAccess(),
            "reply_too_long"),
        ("acct", "nothing", [], "too_short"),
        ("acct", "length past the end", Header(4, 40, 39), "bad_length"),
        ("acct", "attribute of length 1", Start().Raw(1, 1).ToAccounting(), "bad_attribute"),
        ("acct", "attribute past the end", Start().Raw(1, 9, 1).ToAccounting(), "bad_attribute"),
        ("acct", "201 attributes", Repeat(new Peer(4), 201).ToAccounting(), "too_many_attributes"),
        ("acct", "another secret", Start().ToAccounting("other"), "bad_authenticator"),
        ("acct", "an authenticator of zeros", Start().WithAuthenticator(new string('0', 32)).ToAccess(sign: false), "bad_authenticator"),
        ("acct", "one bit changed", Flip(Start().ToAccounting(), 30), "bad_authenticator"),
        (
            "acct", "right authenticator, wrong message authenticator", Start().Attribute(80, new byte[16]).ToAccounting(),
            "bad_authenticator"),
        ("acct", "no status type", new Peer(4).Text(44, "s").ToAccounting(), "no_status_type"),
        ("acct", "status type of three octets", new Peer(4).Text(44, "s").Attribute(40, 0, 0, 1).ToAccounting(), "no_status_type"),
        ("acct", "status type 0", new Peer(4).Text(44, "s").Integer(40, 0).ToAccounting(), "no_status_type"),
        ("acct", "status type 4 billion", new Peer(4).Text(44, "s").Integer(40, uint.MaxValue).ToAccounting(), "no_status_type"),
        ("acct", "no session id", new Peer(4).Integer(40, 1).ToAccounting(), "no_session_id"),
        ("acct", "an access request", Login().ToAccess(), "unexpected_code"),
        ("acct", "code 5", new Peer(5).ToAccounting(), "unexpected_code"),
        ("acct", "status server without message authenticator", new Peer(12).ToAccess(sign: false), "missing_message_authenticator"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(hostile => $"{hostile.Port}: {hostile.Name}")];

    [Theory, MemberData(nameof(Names))]
    public async Task It_is_dropped_and_counted(string name)
    {
        await using var world = World.Create();
        world.AddDevice();
        world.AddSubscriber();
        var (port, _, packet, reason) = Cases.Single(hostile => $"{hostile.Port}: {hostile.Name}" == name);

        var datagram = port == "auth" ? await world.AuthenticateAsync(packet) : await world.AccountAsync(packet);

        Assert.Empty(datagram.Replies);
        Assert.Equal([$"radius.drops radius-{port} {reason}"], world.Counted);
    }

    [Theory]
    [InlineData("radius-auth")]
    [InlineData("radius-acct")]
    public async Task A_stranger_is_dropped(string listener)
    {
        await using var world = World.Create();
        var stranger = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 40_000);
        var datagram = listener == AuthenticationListener.Name
            ? await world.AuthenticateAsync(Login().ToAccess(), stranger)
            : await world.AccountAsync(Start().ToAccounting(), stranger);
        Assert.Empty(datagram.Replies);
        Assert.Equal([$"radius.drops {listener} unknown_source"], world.Counted);
    }

    [Fact]
    public async Task A_wrong_packet_does_not_take_the_place_of_the_right_one_in_the_cache()
    {
        await using var world = World.Create();
        world.AddDevice();
        world.AddSubscriber();
        var request = Login().ToAccess();
        var first = await world.AuthenticateAsync(request);
        await world.AuthenticateAsync(Flip(Login().ToAccess(), 25));
        var again = await world.AuthenticateAsync(request);
        Assert.Equal(first.Replies.Single(), again.Replies.Single());
    }

    [Fact]
    public async Task Padding_behind_the_packet_is_ignored()
    {
        await using var world = World.Create();
        world.AddDevice();
        world.AddSubscriber();
        var request = Login().ToAccess();
        var datagram = await world.AuthenticateAsync([.. request, 1, 0, 255]);
        Assert.Equal(2, Peer.Checked(datagram.Replies.Single(), request).Octets[0]);
    }

    [Fact]
    public async Task No_mutation_of_a_good_packet_makes_an_exception_or_an_unsigned_answer()
    {
        await using var world = World.Create();
        world.AddDevice(requires: false);
        world.AddSubscriber();
        var random = new Random(20261014);
        for (var i = 0; i < 20_000; i++)
        {
            var isAuth = i % 2 == 0;
            var request = Mutate(isAuth ? Login().ToAccess(sign: i % 4 == 0) : Start().ToAccounting(), random);
            var datagram = isAuth ? await world.AuthenticateAsync(request) : await world.AccountAsync(request);
            foreach (var reply in datagram.Replies)
                Peer.Checked(reply, request);
        }
    }

    static byte[] Mutate(byte[] packet, Random random)
    {
        var octets = packet.ToArray();
        for (var i = random.Next(1, 4); i > 0; i--)
            octets[random.Next(octets.Length)] = (byte)random.Next(256);
        if (random.Next(4) == 0)
            octets = octets[..random.Next(octets.Length)];
        if (octets.Length > 4 && random.Next(2) == 0)
            (octets[2], octets[3]) = ((byte)(octets.Length >> 8), (byte)octets.Length);
        return octets;
    }

    static Peer Access() => new(1);

    static Peer Login() => Access().Text(1, "demo-user").Password("demo-pass");

    static Peer Start() => new Peer(4).Integer(40, 1).Text(44, "s1").Text(1, "demo-user");

    static Peer Repeat(Peer peer, int times)
    {
        for (var i = 0; i < times; i++)
            peer.Raw(222, 2);
        return peer;
    }

    static Peer Proxied(Peer peer, int times)
    {
        for (var i = 0; i < times; i++)
            peer.Attribute(33, new byte[250]);
        return peer;
    }

    static byte[] Flip(byte[] packet, int at)
    {
        packet[at] ^= 1;
        return packet;
    }

    static byte[] Header(byte code, int length, int arrived)
    {
        var packet = new byte[arrived];
        (packet[0], packet[2], packet[3]) = (code, (byte)(length >> 8), (byte)length);
        return packet;
    }
}
