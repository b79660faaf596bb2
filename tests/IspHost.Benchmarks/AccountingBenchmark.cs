using System.Net;
using IspHost.PluginRuntime;
using IspHost.Plugins.Radius;
using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Data;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Testing;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;

namespace IspHost.Benchmarks;

/// <summary>Accounting packets through the plugin, each answered after its commit, against the bare write of the same rows.</summary>
/// <remarks>
/// As in the host, two batches are under way at a time. The bare write has the same rows, the same batches and the same two
/// connections, as the same role, under the same row-level security: it lacks the packets, the look at what is stored, the
/// decision and the answer.
/// </remarks>
sealed class AccountingBenchmark : IAsyncDisposable
{
    /// <summary>As many identifiers as one port of an access server has.</summary>
    const int BatchPackets = 256;

    const int Lanes = 2;

    static readonly Instant Begin = Instant.FromUtc(2026, 10, 14, 9, 0);

    readonly List<Chunk> chunks = [];
    readonly Opened opened = new();
    readonly int sessions;
    TestDatabase database = null!;
    NpgsqlDataSource owner = null!;
    IDatagramHandler handler = null!;
    TenantId tenant;
    int round;

    AccountingBenchmark(int sessions) => this.sessions = sessions;

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        await using var bench = new AccountingBenchmark(effort.Of(2_048, 8_192));
        await bench.OpenAsync();
        await bench.HandleAllAsync(capture: true);
        var expected = await bench.SumsAsync();
        var times = await Measurement.InTurnAsync(
            warmUps: 2, effort.Runs,
            new("plugin", () => bench.CheckedAsync(expected, () => bench.HandleAllAsync())),
            new("bare write", () => bench.CheckedAsync(expected, bench.WriteAllAsync)));
        var packets = bench.sessions * AccountingPacket.PerSession;
        yield return new Result(
            "accounting", "us/packet", "the same rows, written in the same batches by one statement a table", times,
            time => time.TotalMicroseconds / packets)
            .With("packets", packets).With("batch", BatchPackets).With("connections", Lanes)
            .With("fsync", true).With("row_level_security", "both");
    }

    public ValueTask DisposeAsync() => opened.DisposeAsync();

    async Task OpenAsync()
    {
        var postgres = opened.Add(new PostgresFixture { IsDurable = true });
        await postgres.InitializeAsync();
        database = opened.Add(await postgres.CreateAsync(("radius", typeof(RadiusPlugin).Assembly)));
        owner = opened.Add(SessionRows.Open(database.OwnerConnection));
        tenant = await database.AddTenantAsync("bench");
        await database.ScalarAsync<object>("select host.add_usage_month('2026-10-01')");

        handler = Handler();
        for (var first = 0; first < sessions; first += BatchPackets)
            chunks.Add(new(first, Math.Min(BatchPackets, sessions - first), Begin));
    }

    /// <summary>The plugin, configured as the host does it; what it reads from the host is in memory there too.</summary>
    IDatagramHandler Handler()
    {
        var plugin = new FakePluginBuilder();
        var devices = new InMemoryNasDevices();
        devices.Add(tenant, AccountingPacket.Secret);
        plugin.Services.AddSingleton<ITenants>(Tenants()).AddSingleton<INasDevices>(devices)
            .AddSingleton<ISubscribers>(new Logins(tenant, sessions)).AddSingleton<IReplyCache>(new ReplyCache(TimeProvider.System))
            .AddSingleton<IExtensions>(new FakeExtensions()).AddSingleton<IActors>(new FakeActors())
            .AddSingleton<IDatabase>(database.OfPlugin("radius"));
        new RadiusPlugin().Configure(plugin);
        var listener = plugin.Contributions.Single(contribution => contribution is { Kind: "listener", Name: "radius-acct" });
        return (IDatagramHandler)opened.Add(plugin.Build()).GetRequiredService(listener.Type);
    }

    FakeTenants Tenants()
    {
        var tenants = new FakeTenants(Begin + Duration.FromHours(1));
        tenants.Add(new Tenant
        {
            Id = tenant,
            Code = "bench",
            LegalName = "bench",
            Country = "GR",
            Currency = Currency.Of("EUR"),
            Zone = DateTimeZoneProviders.Tzdb["Europe/Athens"],
            TaxEngine = "vat",
        });
        return tenants;
    }

    /// <summary>Every session goes through its life: all begin, then all report, then all end.</summary>
    async Task HandleAllAsync(bool capture = false)
    {
        round++;
        for (var step = 0; step < AccountingPacket.PerSession; step++)
        {
            var now = step;
            await InLanesAsync((chunk, lane) => HandleAsync(chunk.Packets[now], lane));
            if (capture)
                await SessionRows.CaptureAsync(owner, tenant, chunks);
        }
    }

    /// <summary>From ports of this round's own: otherwise the answers would come from the cache.</summary>
    async Task HandleAsync(byte[][] packets, int lane)
    {
        var source = new IPEndPoint(IPAddress.Loopback, 1024 + round * Lanes + lane);
        var datagrams = Array.ConvertAll(packets, packet => new FakeDatagram(packet, source));
        await handler.HandleAsync(datagrams, CancellationToken.None);
        if (Array.Exists(datagrams, datagram => datagram.Replies.Count != 1))
            throw new InvalidOperationException("A packet was not answered.");
    }

    async Task WriteAllAsync()
    {
        for (var step = 0; step < AccountingPacket.PerSession; step++)
        {
            var now = step;
            await InLanesAsync((chunk, _) => chunk.Rows[now].WriteAsync(database.Database.Connections, tenant));
        }
    }

    Task InLanesAsync(Func<Chunk, int, Task> work)
        => Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(async () =>
        {
            for (var i = lane; i < chunks.Count; i += Lanes)
                await work(chunks[i], lane);
        })));

    /// <summary>Begins with empty tables and nothing left to be flushed, and makes sure that the work was really done.</summary>
    async Task<TimeSpan> CheckedAsync(string expected, Func<Task> work)
    {
        await database.ScalarAsync<object>("truncate radius.session, host.usage cascade");
        await database.ScalarAsync<object>("checkpoint");
        var time = await Measurement.TimeAsync(work);
        return await SumsAsync() is var sums && sums == expected
            ? time
            : throw new InvalidOperationException($"The tables hold {sums} and not {expected}.");
    }

    async Task<string> SumsAsync()
        => await database.ScalarAsync<string>("""
            select concat_ws(' ',
              (select concat_ws(' ', count(*), sum(octets_up), sum(octets_down), count(stopped_at)) from radius.session),
              (select concat_ws(' ', count(*), sum(bytes_up), sum(bytes_down)) from host.usage))
            """) ?? "";

    /// <summary>Everybody who has a login, in memory as in the host.</summary>
    sealed class Logins(TenantId tenant, int count) : ISubscribers
    {
        readonly Dictionary<string, Subscriber> byName = Enumerable.Range(0, count)
            .Select(i => new Subscriber
            {
                Subscription = SubscriptionId.New(),
                UserName = AccountingPacket.UserName(i),
                Password = "secret",
                Profile = new() { Up = BitRate.FromMegabits(10), Down = BitRate.FromMegabits(100) },
            })
            .ToDictionary(subscriber => subscriber.UserName, StringComparer.Ordinal);

        public Subscriber? Find(TenantId whose, string userName) => whose == tenant ? byName.GetValueOrDefault(userName) : null;

        public Subscriber? Find(TenantId whose, SubscriptionId subscription)
            => byName.Values.FirstOrDefault(subscriber => subscriber.Subscription == subscription);

        public ValueTask<Subscriber?> ReadAsync(TenantId whose, SubscriptionId subscription, CancellationToken cancellationToken)
            => new(Find(whose, subscription));

        public ValueTask<AddressAssignment?> AssignAddressesAsync(
            TenantId whose, SubscriptionId subscription, CancellationToken cancellationToken) => new((AddressAssignment?)null);
    }
}

/// <summary>Sessions whose packets arrive together.</summary>
/// <param name="first">The number of the first session.</param>
/// <param name="count">How many there are.</param>
/// <param name="begin">When they begin.</param>
sealed class Chunk(int first, int count, Instant begin)
{
    /// <summary>The packets of each step of the sessions' lives.</summary>
    public byte[][][] Packets { get; } =
    [
        .. Enumerable.Range(0, AccountingPacket.PerSession).Select(step =>
            Enumerable.Range(0, count).Select(i => AccountingPacket.Of(first + i, step, identifier: (byte)i, begin)).ToArray()),
    ];

    /// <summary>The rows that each step has written.</summary>
    public List<SessionRows> Rows { get; } = [];

    public byte[][] SessionIds { get; } = [.. Enumerable.Range(first, count).Select(AccountingPacket.SessionId)];
}
