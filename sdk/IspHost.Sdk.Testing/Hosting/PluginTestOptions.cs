using IspHost.Sdk.Actors;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Flags;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Usage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;

namespace IspHost.Sdk.Testing;

/// <summary>What a <see cref="PluginTestHost"/> gives to the plugin.</summary>
public sealed class PluginTestOptions
{
    /// <summary>Options with a fake of each host service.</summary>
    public PluginTestOptions() => Usage = new(Tenants);

    /// <summary>Host services of the test's own, which take the place of the fakes. An <c>IDatabase</c> has no fake: add yours.</summary>
    /// <remarks>Add instances: what the plugin's container makes, it also disposes.</remarks>
    public IServiceCollection Services { get; } = new ServiceCollection();

    /// <summary>The plugin's settings: what the host's configuration has under <c>Plugins:ID</c>.</summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

    /// <summary>None at first. Its clock stands still at 09:00 UTC on 2026-11-01. The first one is who calls endpoints.</summary>
    public FakeTenants Tenants { get; } = new(Instant.FromUtc(2026, 11, 1, 9, 0));

    /// <summary>None at first.</summary>
    public InMemoryCustomers Customers { get; } = new();

    /// <summary>None at first.</summary>
    public InMemoryContracts Contracts { get; } = new();

    /// <summary>None at first.</summary>
    public InMemoryUsage Usage { get; }

    /// <summary>None at first, and without addresses.</summary>
    public InMemorySubscribers Subscribers { get; } = new();

    /// <summary>None at first.</summary>
    public InMemoryNasDevices NasDevices { get; } = new();

    /// <summary>None at first, so that all are off.</summary>
    public InMemoryFlags Flags { get; } = new();

    /// <summary>Brings the plugin's schema up to date; required if the plugin owns one. Called before it is first called.</summary>
    public MigratePlugin? Migrate { get; set; }

    /// <summary>How long calls that run may take to end once the plugin is taken away.</summary>
    public TimeSpan DrainLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the plugin may stay in memory after that, for what ends by itself: a connection, a timer, a thread.</summary>
    public TimeSpan UnloadLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often <see cref="PluginTestHost.AssertUnloadsAsync"/> loads the plugin, runs the scenario and unloads.</summary>
    public int Cycles { get; set; } = 1;

    /// <summary>So many first cycles may grow as they like: caches fill and code is compiled.</summary>
    public int WarmUpCycles { get; set; } = 2;

    /// <summary>How much the managed heap may grow a cycle after the first ones, in octets; null for whatever it is.</summary>
    public long? MaxHeapGrowth { get; set; } = 256 * 1024;

    /// <summary>How much the memory of the process may grow a cycle after the first ones, in octets; null for whatever it is.</summary>
    public long? MaxProcessGrowth { get; set; } = 8 * 1024 * 1024;

    /// <summary>Those of the test, if it has added any, else the fake.</summary>
    internal ITenants TenantsInUse
        => Services.LastOrDefault(service => service.ServiceType == typeof(ITenants))?.ImplementationInstance as ITenants ?? Tenants;

    internal FakeJobs Jobs { get; } = new();

    internal FakeActors Actors { get; } = new();

    internal List<Action<PluginRuntime.PluginHost>> Offers { get; } = [];

    /// <summary>Offers an extension that the plugin looks for, as another plugin would.</summary>
    public void Offer<TPoint>(string name, TPoint implementation) where TPoint : class
        => Offers.Add(host => host.Offer(name, implementation));

    internal void AddTo(IServiceCollection services)
    {
        foreach (var own in Services)
            services.Add(own);
        services.TryAddSingleton<IClock>(SystemClock.Instance);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ITenants>(Tenants);
        services.TryAddSingleton<IFlags>(Flags);
        services.TryAddSingleton<ICustomers>(Customers);
        services.TryAddSingleton<IContracts>(Contracts);
        services.TryAddSingleton<IUsage>(Usage);
        services.TryAddSingleton<ISubscribers>(Subscribers);
        services.TryAddSingleton<INasDevices>(NasDevices);
        services.TryAddSingleton<IJobs>(Jobs);
        services.TryAddSingleton<IActors>(Actors);
        services.TryAddSingleton<ICurrentTenant>(provider => new FirstTenant(provider.GetRequiredService<ITenants>()));
    }

    sealed class FirstTenant(ITenants tenants) : ICurrentTenant
    {
        public TenantId Id => tenants.All is [var first, ..] ? first.Id : throw new PluginTestException("The test has no tenant.");

        public string Actor => "key:test";
    }
}

/// <summary>Runs those of a plugin's scripts that its schema has not seen yet.</summary>
/// <param name="schema">The plugin's schema.</param>
/// <param name="scripts">Name and text of each, in the order in which they must run.</param>
/// <param name="cancellationToken">That of the load.</param>
public delegate Task MigratePlugin(
    string schema, IReadOnlyList<(string Name, string Text)> scripts, CancellationToken cancellationToken);
