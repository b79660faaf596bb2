using System.Net;
using System.Net.Sockets;
using System.Text;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Changes;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Events;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Testing;
using NodaTime;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>Changing and ending running sessions, against an access server that listens on the loopback.</summary>
[TakesLong]
public sealed class ChangeTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_service_that_is_blocked_is_disconnected()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await OnlineAsync(nas);
        await ChangeAsync(world, AccessMode.Blocked, "Debt.");

        var packet = nas.Requests.Single();
        Assert.Equal(PacketCode.DisconnectRequest, packet.Code);
        Assert.True(Signature.IsHashedRequestBy(packet, Encoding.UTF8.GetBytes(Peer.Secret)));
        Assert.True(packet.HasMessageAuthenticator);
        Assert.Equal("demo-user", Text(packet, AttributeType.UserName));
        Assert.Equal("s1", Text(packet, AttributeType.AcctSessionId));
        Assert.Equal("bras-1", Text(packet, AttributeType.NasIdentifier));
        Assert.NotNull(packet.Integer(AttributeType.EventTimestamp));
        Assert.False(packet.Has(AttributeType.VendorSpecific));

        var session = Assert.Single(await world.SessionsAsync());
        Assert.True(session.IsOpen, "A yes is not a Stop.");
        var request = Assert.Single(await RequestsAsync(world, session));
        Assert.Equal((ChangeKind.Disconnect, ChangeOutcome.Acknowledged, 1), (request.Kind, request.Outcome, request.Attempts));
        Assert.Equal($"plugin:Radius session.disconnect session/{session.Id} acknowledged", await AuditAsync(world));
        Assert.Contains("radius.changes disconnect acknowledged", world.Counted);
    }

    [Theory]
    [InlineData(AccessMode.Throttled)]
    [InlineData(AccessMode.WalledGarden)]
    [InlineData(AccessMode.Full)]
    public async Task A_service_that_may_go_on_is_changed_if_the_vendor_can(AccessMode access)
    {
        await using var nas = new FakeNas(_ => 44);
        await using var world = await OnlineAsync(nas, "test");
        world.Extensions.Add<INasVendor>("test", new TestVendor());
        await ChangeAsync(world, access, "Fair use.");
        var packet = nas.Requests.Single();
        Assert.Equal(PacketCode.CoaRequest, packet.Code);
        Assert.True(packet.TryFind(14988, 8, out var rates));
        Assert.Equal($"10M/100M {access}", Encoding.UTF8.GetString(rates));
        Assert.Equal(ChangeOutcome.Acknowledged, await OutcomeAsync(world));
    }

    [Theory]
    [InlineData("")]
    [InlineData("cannot")]
    [InlineData("broken")]
    public async Task A_session_that_cannot_be_changed_is_cut(string vendor)
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await OnlineAsync(nas, vendor);
        world.Extensions.Add<INasVendor>("cannot", new TestVendor(canChange: false));
        await ChangeAsync(world, AccessMode.WalledGarden, "Debt.");
        Assert.Equal(PacketCode.DisconnectRequest, nas.Requests.Single().Code);
    }

    [Fact]
    public async Task A_change_that_is_refused_becomes_a_disconnect()
    {
        await using var nas = new FakeNas(request => request.Code == PacketCode.CoaRequest ? (byte)45 : (byte)41, errorCause: 401);
        await using var world = await OnlineAsync(nas, "test");
        world.Extensions.Add<INasVendor>("test", new TestVendor());
        await ChangeAsync(world, AccessMode.Throttled, "Fair use.");
        Assert.Equal([PacketCode.CoaRequest, PacketCode.DisconnectRequest], nas.Requests.Select(request => request.Code));
        var requests = await RequestsAsync(world, Assert.Single(await world.SessionsAsync()));
        Assert.Equal(
            [(ChangeOutcome.Acknowledged, null), (ChangeOutcome.Refused, 401)],
            requests.Select(request => (request.Outcome, request.ErrorCause)).Order());
    }

    [Fact]
    public async Task A_device_that_has_no_such_session_ends_it()
    {
        await using var nas = new FakeNas(_ => 42, errorCause: 503);
        await using var world = await OnlineAsync(nas);
        await ChangeAsync(world, AccessMode.Blocked, "Debt.");
        var session = Assert.Single(await world.SessionsAsync());
        Assert.Equal((SessionEnd.NotFound, session.LastAt), (session.End, session.StoppedAt));
        Assert.Equal(ChangeOutcome.Refused, await OutcomeAsync(world));
    }

    [Fact]
    public async Task Any_other_refusal_leaves_the_session_as_it_was()
    {
        await using var nas = new FakeNas(_ => 42, errorCause: 504);
        await using var world = await OnlineAsync(nas);
        await ChangeAsync(world, AccessMode.Blocked, "Debt.");
        Assert.True(Assert.Single(await world.SessionsAsync()).IsOpen);
        Assert.Equal(ChangeOutcome.Refused, await OutcomeAsync(world));
    }

    [Fact]
    public async Task Silence_is_asked_again_with_the_same_octets_from_the_same_port_until_it_is_answered()
    {
        await using var nas = new FakeNas((_, count) => count < 3 ? null : (byte)41);
        await using var world = await OnlineAsync(nas);
        await ChangeAsync(world, AccessMode.Blocked, "Debt.");
        Assert.Equal(ChangeOutcome.Pending, await OutcomeAsync(world));
        await world.Actors.PassAsync(Duration.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal(3, nas.Requests.Count);
        Assert.Single(nas.Requests.Select(request => Convert.ToHexString(request.Octets)).Distinct());
        Assert.Single(nas.Ports.Distinct());
        var request = Assert.Single(await RequestsAsync(world, Assert.Single(await world.SessionsAsync())));
        Assert.Equal((ChangeOutcome.Acknowledged, 3), (request.Outcome, request.Attempts));
    }

    [Fact]
    public async Task Silence_to_the_deadline_is_no_answer_and_no_end_of_the_session()
    {
        await using var nas = new FakeNas((_, _) => null);
        await using var world = await OnlineAsync(nas);
        await ChangeAsync(world, AccessMode.Blocked, "Debt.");
        world.Clock.Advance(Duration.FromSeconds(31));
        await world.Actors.PassAsync(Duration.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(ChangeOutcome.NoAnswer, await OutcomeAsync(world));
        Assert.True(Assert.Single(await world.SessionsAsync()).IsOpen);
        Assert.Equal(2, nas.Requests.Count);
    }

    [Theory]
    [InlineData("signed with another secret")]
    [InlineData("with another identifier")]
    [InlineData("of another kind")]
    [InlineData("too short")]
    public async Task An_answer_that_proves_nothing_is_none(string forgery)
    {
        await using var nas = new FakeNas(_ => 41) { Forgery = forgery };
        await using var world = await OnlineAsync(nas);
        await ChangeAsync(world, AccessMode.Blocked, "Debt.");
        Assert.Equal(ChangeOutcome.Pending, await OutcomeAsync(world));
    }

    [Fact]
    public async Task The_same_event_twice_is_one_request()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await OnlineAsync(nas);
        var id = Guid.NewGuid();
        await ChangeAsync(world, AccessMode.Blocked, "Debt.", id);
        await ChangeAsync(world, AccessMode.Blocked, "Debt.", id);
        Assert.Single(nas.Requests);
    }

    [Fact]
    public async Task News_that_is_older_than_what_was_done_changes_nothing()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await OnlineAsync(nas);
        await ChangeAsync(world, AccessMode.Blocked, "Newer.", at: World.Noon + Duration.FromSeconds(20));
        await ChangeAsync(world, AccessMode.Full, "Older.", at: World.Noon + Duration.FromSeconds(10));
        Assert.Single(nas.Requests);
    }

    [Fact]
    public async Task A_newer_request_takes_the_place_of_one_that_is_not_answered()
    {
        await using var nas = new FakeNas((_, count) => count == 1 ? null : (byte)41);
        await using var world = await OnlineAsync(nas);
        await ChangeAsync(world, AccessMode.WalledGarden, "First.", at: World.Noon + Duration.FromSeconds(10));
        await ChangeAsync(world, AccessMode.Blocked, "Second.", at: World.Noon + Duration.FromSeconds(20));
        var requests = await RequestsAsync(world, Assert.Single(await world.SessionsAsync()));
        Assert.Equal([("First.", ChangeOutcome.Superseded), ("Second.", ChangeOutcome.Acknowledged)],
            requests.Select(request => (request.Reason, request.Outcome)));
    }

    [Fact]
    public async Task A_session_that_has_ended_is_not_asked_for()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await OnlineAsync(nas);
        await world.AccountAsync(new Peer(4).Integer(40, 2).Text(44, "s1").Text(1, "demo-user").ToAccounting());
        await ChangeAsync(world, AccessMode.Blocked, "Debt.");
        Assert.Empty(nas.Requests);
    }

    [Fact]
    public async Task What_is_sent_is_what_holds_even_if_the_news_reaches_the_memory_of_the_node_later()
    {
        await using var nas = new FakeNas(_ => 44);
        await using var world = await OnlineAsync(nas, "test");
        world.Extensions.Add<INasVendor>("test", new TestVendor());
        var subscriber = world.Subscribers.Find(world.Tenant.Id, "demo-user")!;
        world.Memory.Keep(subscriber);
        world.Subscribers.Add(world.Tenant.Id, subscriber with { Profile = subscriber.Profile with { Down = BitRate.FromMegabits(500) } });
        await ChangeAsync(world, AccessMode.Full, "Another plan.");
        await world.Actors.PassAsync(Duration.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal(["10M/500M Full"], nas.Requests.Select(Rates));
        Assert.Null(
            world.Actors.State(world.Tenant.Id, SessionChanges.ActorType, Assert.Single(await world.SessionsAsync()).Id.ToString()));

        static string Rates(Packet packet) => packet.TryFind(14988, 8, out var rates) ? Encoding.UTF8.GetString(rates) : "";
    }

    static async Task ChangeAsync(World world, AccessMode access, string reason, Guid? id = null, Instant? at = null)
    {
        world.Subscribers.Add(world.Tenant.Id, world.Subscribers.Find(world.Tenant.Id, "demo-user")! with { Access = access });
        await world.Get<AccessChangedHandler>().HandleAsync(
            new EventContext { Tenant = world.Tenant.Id, Id = id ?? Guid.NewGuid(), At = at ?? World.Noon },
            new AccessChanged
            {
                Subscription = world.Subscribers.Find(world.Tenant.Id, "demo-user")!.Subscription,
                Access = access,
                Reason = reason,
            },
            TestContext.Current.CancellationToken);
    }

    async Task<World> OnlineAsync(FakeNas nas, string vendor = "")
    {
        var world = await World.CreateAsync(postgres);
        world.AddDevice(vendor, changePort: nas.Port);
        world.AddSubscriber();
        await world.AccountAsync(
            new Peer(4).Integer(40, 1).Text(44, "s1").Text(1, "demo-user").Text(32, "bras-1").ToAccounting());
        return world;
    }

    static Task<IReadOnlyList<ChangeRequest>> RequestsAsync(World world, Session session)
        => world.Get<ChangeRequests>().OfAsync(world.Tenant.Id, session.Id, TestContext.Current.CancellationToken);

    static async Task<ChangeOutcome> OutcomeAsync(World world)
        => Assert.Single(await RequestsAsync(world, Assert.Single(await world.SessionsAsync()))).Outcome;

    static Task<string?> AuditAsync(World world)
        => world.Database.ScalarAsync<string>("select concat_ws(' ', actor, action, object, detail ->> 'outcome') from host.audit");

    static string Text(Packet packet, byte type) => packet.TryFind(type, out var value) ? Encoding.UTF8.GetString(value) : "";
}

/// <summary>The CoA side of an access server: keeps what it is asked and answers as the test says.</summary>
sealed class FakeNas : IAsyncDisposable
{
    readonly UdpClient socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    readonly Func<Packet, int, byte?> answer;
    readonly uint errorCause;
    readonly Task listening;

    public FakeNas(Func<Packet, int, byte?> answer, uint errorCause = 0)
    {
        (this.answer, this.errorCause) = (answer, errorCause);
        listening = ListenAsync();
    }

    public FakeNas(Func<Packet, byte> answer, uint errorCause = 0) : this((packet, _) => answer(packet), errorCause)
    {
    }

    public int Port => ((IPEndPoint)socket.Client.LocalEndPoint!).Port;

    public List<Packet> Requests { get; } = [];

    public List<int> Ports { get; } = [];

    public string Forgery { get; init; } = "";

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        await listening;
    }

    async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                var datagram = await socket.ReceiveAsync();
                Assert.True(Packet.TryParse(datagram.Buffer, out var request, out _));
                Requests.Add(request);
                Ports.Add(datagram.RemoteEndPoint.Port);
                if (answer(request, Requests.Count) is { } code)
                    await socket.SendAsync(Write(request, code), datagram.RemoteEndPoint);
            }
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    byte[] Write(Packet request, byte code)
    {
        Span<byte> buffer = stackalloc byte[Packet.MaxLength];
        var identifier = Forgery == "with another identifier" ? (byte)(request.Identifier + 1) : request.Identifier;
        var writer = new PacketWriter(buffer, (PacketCode)(Forgery == "of another kind" ? 44 : code), identifier);
        writer.AddMessageAuthenticator();
        if (errorCause != 0 && code is 42 or 45)
            writer.Add(AttributeType.ErrorCause, errorCause);
        var secret = Forgery == "signed with another secret" ? "other" : Peer.Secret;
        var reply = writer.SealReply(request.Authenticator, Encoding.UTF8.GetBytes(secret)).ToArray();
        return Forgery == "too short" ? reply[..19] : reply;
    }
}
