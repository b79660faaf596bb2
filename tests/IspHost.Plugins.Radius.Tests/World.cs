using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using IspHost.Plugins.Radius.Access;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Changes;
using IspHost.Plugins.Radius.Sessions;
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
using NodaTime.Testing;
using Npgsql;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>The plugin, configured as the host does it, among fakes of what the host offers.</summary>
sealed class World : IAsyncDisposable
{
    public static readonly Instant Noon = Instant.FromUtc(2026, 10, 14, 9, 0);

    readonly MeterListener meters = new();
    readonly List<string> counted = [];
    readonly TestDatabase? database;
    readonly FakePluginBuilder plugin;
    readonly bool isSecond;

    World(TestDatabase? database, IEnumerable<(string Key, string Value)> settings, World? other = null)
    {
        this.database = database;
        isSecond = other is not null;
        (Tenants, Subscribers, Devices) = other is null
            ? (new FakeTenants(Noon), NewSubscribers(), new InMemoryNasDevices())
            : (other.Tenants, other.Subscribers, other.Devices);
        Memory = new NodeMemory(Subscribers);
        plugin = new FakePluginBuilder(settings);
        plugin.Services.AddSingleton<ITenants>(Tenants).AddSingleton<ISubscribers>(Memory).AddSingleton<INasDevices>(Devices)
            .AddSingleton<IReplyCache>(Cache).AddSingleton<IExtensions>(Extensions).AddSingleton<IActors>(Actors)
            .AddSingleton<IAnswers>(Answers).AddSingleton<IClock>(Clock)
            .AddSingleton(database?.OfPlugin("radius") ?? new NoDatabase());
        new RadiusPlugin().Configure(plugin);
        Services = plugin.Build();
        Actors.Add(SessionChanges.ActorType, Get<SessionChange>());
        Actors.Add(SessionWatch.ActorType, Get<SessionWatch>());
        CountFrom(Get<RadiusMetrics>());
    }

    /// <summary>Without a database: what needs one fails as if it were away.</summary>
    public static World Create(params IEnumerable<(string Key, string Value)> settings)
    {
        var world = new World(null, settings);
        world.Tenant = world.Tenants.Add("north");
        return world;
    }

    public static async Task<World> CreateAsync(PostgresFixture postgres, params IEnumerable<(string Key, string Value)> settings)
    {
        var database = await postgres.CreateAsync((RadiusDb.SchemaName, typeof(RadiusPlugin).Assembly));
        var world = new World(database, settings);
        world.Tenant = await world.AddTenantAsync("north");
        return world;
    }

    /// <summary>Another node on the same database: it shares nothing else with this one but what the host knows.</summary>
    public World SecondNode() => new(database, [], this) { Tenant = Tenant };

    public FakeTenants Tenants { get; }

    /// <summary>As the database has them.</summary>
    public InMemorySubscribers Subscribers { get; }

    /// <summary>As this node remembers them.</summary>
    public NodeMemory Memory { get; }

    public InMemoryNasDevices Devices { get; }

    /// <summary>The real time, which the tenants' is independent of.</summary>
    public FakeClock Clock { get; } = new(Noon);

    public InMemoryReplyCache Cache { get; } = new();

    public FakeExtensions Extensions { get; } = new();

    public FakeActors Actors { get; } = new();

    public FakeAnswers Answers { get; } = new();

    public ServiceProvider Services { get; }

    public Tenant Tenant { get; private set; } = null!;

    public TestDatabase Database => database!;

    public FakePluginBuilder Plugin => plugin;

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    /// <summary>What was counted: "radius.drops radius-auth bad_length".</summary>
    public IReadOnlyList<string> Counted
    {
        get { lock (counted) return [.. counted]; }
    }

    public async Task<Tenant> AddTenantAsync(string code, string zone = "Europe/Athens")
    {
        var id = await Database.AddTenantAsync(code, zone: zone);
        return Tenants.Add(new Tenant
        {
            Id = id,
            Code = code,
            LegalName = code,
            Country = "GR",
            Currency = Currency.Of("EUR"),
            Zone = DateTimeZoneProviders.Tzdb[zone],
            TaxEngine = "vat",
        });
    }

    public NasDevice AddDevice(string vendor = "", bool requires = true, int changePort = 3799)
        => Devices.Add(
            Devices.Add(Tenant.Id, Peer.Secret, vendor) with { RequireMessageAuthenticator = requires, ChangePort = changePort });

    public Subscriber AddSubscriber(string userName = "demo-user", string password = "demo-pass", AccessMode access = AccessMode.Full)
        => Subscribers.Add(Tenant.Id, Subscribers.Add(Tenant.Id, userName, password) with { Access = access });

    public Task<FakeDatagram> AuthenticateAsync(byte[] request, IPEndPoint? source = null)
        => HandleAsync(Get<AuthenticationListener>(), request, source);

    public Task<FakeDatagram> AccountAsync(byte[] request, IPEndPoint? source = null)
        => HandleAsync(Get<AccountingListener>(), request, source);

    public Task<IReadOnlyList<FakeDatagram>> AuthenticateAllAsync(IEnumerable<byte[]> requests)
        => HandleAllAsync(Get<AuthenticationListener>(), requests);

    public Task<IReadOnlyList<FakeDatagram>> AccountAllAsync(IEnumerable<byte[]> requests)
        => HandleAllAsync(Get<AccountingListener>(), requests);

    /// <summary>The sessions of the tenant, as they are stored, in the order of their incarnations.</summary>
    public Task<List<Session>> SessionsAsync(TenantId? tenant = null)
        => Get<TenantDatabase<RadiusDb>>().OnConnectionAsync(tenant ?? Tenant.Id, async (connection, stop) =>
        {
            await using var command = new NpgsqlCommand(
                $"select {SessionTable.Columns} from radius.session s order by s.user_name, s.incarnation, s.id", connection);
            await using var reader = await command.ExecuteReaderAsync(stop);
            var sessions = new List<Session>();
            while (await reader.ReadAsync(stop))
                sessions.Add(SessionTable.Read(reader));
            return sessions;
        }, TestContext.Current.CancellationToken);

    /// <summary>Up and down of all usage of the tenant.</summary>
    public async Task<(long Up, long Down)> UsageAsync(TenantId? tenant = null)
    {
        var whose = (tenant ?? Tenant.Id).Value;
        var up = await Database.ScalarAsync<decimal>($"select coalesce(sum(bytes_up), 0) from host.usage where tenant_id = '{whose}'");
        var down = await Database.ScalarAsync<decimal>($"select coalesce(sum(bytes_down), 0) from host.usage where tenant_id = '{whose}'");
        return ((long)up, (long)down);
    }

    public async ValueTask DisposeAsync()
    {
        meters.Dispose();
        await Services.DisposeAsync();
        if (database is not null && !isSecond)
            await database.DisposeAsync();
    }

    static InMemorySubscribers NewSubscribers()
        => new(new AddressAssignment { V4 = IPAddress.Parse("100.64.0.1"), Delegated = IPNetwork.Parse("2001:db8:100::/56") });

    static async Task<IReadOnlyList<FakeDatagram>> HandleAllAsync(IDatagramHandler handler, IEnumerable<byte[]> requests)
    {
        // From a port each: otherwise requests with one identifier would take each other's place in the cache.
        var datagrams = requests.Select((request, i) => new FakeDatagram(request, new IPEndPoint(IPAddress.Loopback, 20_000 + i))).ToList();
        await handler.HandleAsync(datagrams, TestContext.Current.CancellationToken);
        return datagrams;
    }

    static async Task<FakeDatagram> HandleAsync(IDatagramHandler handler, byte[] request, IPEndPoint? source)
    {
        var datagram = new FakeDatagram(request, source);
        await handler.HandleAsync([datagram], TestContext.Current.CancellationToken);
        return datagram;
    }

    void CountFrom(RadiusMetrics metrics)
    {
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (metrics.Owns(instrument.Meter))
                listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            var line = new StringBuilder(instrument.Name);
            foreach (var tag in tags)
                line.Append(' ').Append(tag.Value);
            lock (counted)
                counted.Add(line.ToString());
        });
        meters.Start();
    }

    sealed class NoDatabase : IDatabase
    {
        public NpgsqlDataSource Connections { get; } = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
    }
}

/// <summary>What one node remembers of the subscribers: the present, unless a test says that news has not reached it yet.</summary>
sealed class NodeMemory(ISubscribers truth) : ISubscribers
{
    readonly ConcurrentDictionary<SubscriptionId, Subscriber> old = [];

    /// <summary>From now on the node goes by this, until it has caught up.</summary>
    public void Keep(Subscriber subscriber) => old[subscriber.Subscription] = subscriber;

    public void CatchUp() => old.Clear();

    /// <summary>Whoever asks for this user meets a fault of ours, until told otherwise.</summary>
    public string? Breaks { get; set; }

    public Subscriber? Find(TenantId tenant, string userName) => userName == Breaks
        ? throw new InvalidOperationException("This should never happen.")
        : old.Values.FirstOrDefault(subscriber => subscriber.UserName == userName) ?? truth.Find(tenant, userName);

    public Subscriber? Find(TenantId tenant, SubscriptionId subscription)
        => old.GetValueOrDefault(subscription) ?? truth.Find(tenant, subscription);

    public ValueTask<Subscriber?> ReadAsync(TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken)
    {
        old.TryRemove(subscription, out _);
        return truth.ReadAsync(tenant, subscription, cancellationToken);
    }

    public ValueTask<AddressAssignment?> AssignAddressesAsync(
        TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken)
        => truth.AssignAddressesAsync(tenant, subscription, cancellationToken);
}

/// <summary>A vendor for tests: says what it was asked, or throws.</summary>
sealed class TestVendor(bool canChange = true, bool fails = false) : INasVendor
{
    public ImmutableArray<RadiusAttribute> Authorize(TenantId tenant, AccessProfile profile, AccessMode access) => fails
        ? throw new InvalidOperationException("The extension is broken.")
        : [RadiusAttribute.Text(14988, 8, $"{profile.Up}/{profile.Down} {access}"), RadiusAttribute.Text(80, "forged")];

    public ImmutableArray<RadiusAttribute>? Change(TenantId tenant, AccessProfile profile, AccessMode access)
        => canChange ? [RadiusAttribute.Text(14988, 8, $"{profile.Up}/{profile.Down} {access}")] : null;

    public ImmutableArray<RadiusAttribute> Identify(TenantId tenant, SessionIdentity session)
        => [RadiusAttribute.Text(44, session.AcctSessionId), RadiusAttribute.Text(1, session.UserName)];
}
