using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Events;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Testing;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>The built plugin in the host's own runtime.</summary>
[Collection(typeof(Alone))]
public sealed class UnloadTests(PostgresFixture postgres)
{
    readonly FakeTenants tenants = new(World.Noon);
    readonly InMemorySubscribers subscribers = new();
    Tenant tenant = null!;
    Subscriber subscriber = null!;

    [Fact]
    public async Task A_plugin_that_has_let_in_counted_and_cut_sessions_unloads()
    {
        await using var database = await postgres.CreateAsync();
        await using var nas = new FakeNas(_ => 41);
        tenant = Register(await database.AddTenantAsync("north"));
        subscriber = subscribers.Add(tenant.Id, "demo-user", "demo-pass");
        var session = 0;
        var report = await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>(),
            (host, stop) => LiveAsync(host, $"s{++session}", stop),
            options =>
            {
                options.Cycles = 5;
                options.Migrate = database.UpgradeAsync;
                options.Offer<INasVendor>("test", new TestVendor());
                options.Services.AddSingleton(database.OfPlugin("radius"))
                    .AddSingleton<ITenants>(tenants).AddSingleton<ISubscribers>(subscribers);
                options.NasDevices.Add(options.NasDevices.Add(tenant.Id, Peer.Secret, "test") with { ChangePort = nas.Port });
            },
            TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine($"{report}");

        Assert.Equal(Enumerable.Repeat(PacketCode.DisconnectRequest, 5), nas.Requests.Select(request => request.Code));
        Assert.Equal(5, await database.ScalarAsync<long>("select count(*) from radius.session where stopped_at is not null"));
        Assert.Equal(5 * 260m, await database.ScalarAsync<decimal>("select sum(bytes_up) from host.usage"));
    }

    /// <summary>A subscriber comes online, uses something, and is cut.</summary>
    async Task LiveAsync(PluginTestHost host, string session, CancellationToken stop)
    {
        subscribers.Add(tenant.Id, subscriber);
        var login = new Peer(1).Text(1, "demo-user").Password("demo-pass").ToAccess();
        var accepted = Peer.Checked(await host.AskAsync("radius-auth", login, stop), login);
        Assert.Equal(PacketCode.AccessAccept, accepted.Code);
        Assert.True(accepted.TryFind(14988, 8, out _), "The vendor's attribute is missing.");

        await AccountAsync(host, Record(1, session), stop);
        await AccountAsync(host, Record(3, session).Integer(46, 600).Integer(42, 100).Integer(43, 1_000), stop);
        Assert.Contains(session, await host.Client.GetStringAsync(new Uri("sessions", UriKind.Relative), stop), StringComparison.Ordinal);
        Assert.NotEmpty((await host.ReadPanelAsync("live-sessions", stop)).Rows);

        tenants.MoveBy(Duration.FromMinutes(1));
        subscribers.Add(tenant.Id, subscriber with { Access = AccessMode.Blocked });
        var blocked = new AccessChanged { Subscription = subscriber.Subscription, Access = AccessMode.Blocked, Reason = "Debt." };
        await host.PublishAsync(tenant.Id, blocked, stop);
        await AccountAsync(host, Record(2, session).Integer(46, 900).Integer(42, 260).Integer(43, 4_100), stop);
    }

    static Peer Record(uint status, string session) => new Peer(4).Integer(40, status).Text(44, session).Text(1, "demo-user");

    static async Task AccountAsync(PluginTestHost host, Peer record, CancellationToken stop)
    {
        var request = record.ToAccounting();
        var reply = Peer.Checked(await host.AskAsync("radius-acct", request, stop), request);
        Assert.Equal(PacketCode.AccountingResponse, reply.Code);
    }

    Tenant Register(TenantId id) => tenants.Add(new Tenant
    {
        Id = id,
        Code = "north",
        LegalName = "North",
        Country = "GR",
        Currency = Currency.Of("EUR"),
        Zone = DateTimeZoneProviders.Tzdb["Europe/Athens"],
        TaxEngine = "vat",
    });
}

/// <summary>Tests that measure the memory of the process, while no other runs.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
