using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NuGet.Versioning;

namespace IspHost.PluginRuntime;

/// <summary>What the host gives the runtime.</summary>
public sealed class PluginRuntimeOptions
{
    /// <summary>The version that manifests are checked against: that of the SDK's assembly.</summary>
    public NuGetVersion SdkVersion { get; set; } = VersionOfSdk();

    /// <summary>
    /// Simple names of assemblies that plugins share with the host beside the framework and the SDK, as far as the host has them.
    /// What they refer to is shared too.
    /// </summary>
    public IList<string> SharedAssemblies { get; } =
    [
        "IspHost.Sdk.Data", "Npgsql.EntityFrameworkCore.PostgreSQL", "Npgsql.EntityFrameworkCore.PostgreSQL.NodaTime", "Npgsql.NodaTime",
        "EFCore.NamingConventions", "Microsoft.EntityFrameworkCore.Relational",
    ];

    /// <summary>Where plugins' files are kept while they are in use; null for a temporary folder of this process.</summary>
    public string? Store { get; set; }

    /// <summary>Where the sections <c>Plugins:ID</c> are read from, once for each generation.</summary>
    public IConfiguration Configuration { get; set; } = new ConfigurationBuilder().Build();

    /// <summary>Puts the host services into a plugin's container.</summary>
    /// <remarks>
    /// Add the host's singletons as instances: a container disposes what a factory of it made. Factories are for what is made for
    /// this plugin alone.
    /// </remarks>
    public Action<IServiceCollection, PluginIdentity>? AddHostServices { get; set; }

    /// <summary>
    /// Runs the scripts that the plugin's schema has not seen yet, and opens it to the plugin. Called before the first call to it.
    /// </summary>
    public Func<OwnedSchema, CancellationToken, Task>? Migrate { get; set; }

    /// <summary>Remembers which events the plugin wants from now on. Called before the first call to the plugin.</summary>
    public Func<PluginSubscriptions, CancellationToken, Task>? Subscribe { get; set; }

    /// <summary>Forgets what events the plugin of this id wants. Called before it is removed.</summary>
    public Func<string, CancellationToken, Task>? Unsubscribe { get; set; }

    /// <summary>Adds what all endpoints of a plugin have in common, such as authorization. The group is <c>/api/v1</c>.</summary>
    /// <remarks>What it adds ends up in the routing table; it must not hold on to anything of the plugin's.</remarks>
    public Action<RouteGroupBuilder, PluginIdentity>? ConfigureEndpoints { get; set; }

    /// <summary>Called at the beginning of each flow that hands datagrams to a plugin, so that the host can tell it from others.</summary>
    public Action? ListenerFlowBegins { get; set; }

    /// <summary>Called whenever datagrams are handed to a plugin. It must be quick.</summary>
    public Action? DatagramsCame { get; set; }

    /// <summary>
    /// Looks at the endpoints of a plugin, from its container, where they are an <see cref="EndpointDataSource"/>. It is called before the
    /// switch, and what it throws refuses the plugin.
    /// </summary>
    public Action<PluginIdentity, IServiceProvider>? CheckEndpoints { get; set; }

    /// <summary>Describes the endpoints of a plugin, in the same way: see <see cref="PluginHost.DescribeAsync"/>.</summary>
    public Func<PluginIdentity, IServiceProvider, CancellationToken, Task<byte[]>>? DescribeEndpoints { get; set; }

    /// <summary>Called after endpoints have come or gone. What it throws takes the change back.</summary>
    public Action? EndpointsChanged { get; set; }

    /// <summary>The address on which listeners are opened.</summary>
    public IPAddress ListenAddress { get; set; } = IPAddress.Any;

    /// <summary>Ports by listener, instead of the plugin's own choice; 0 for any free one.</summary>
    public IDictionary<string, int> Ports { get; } = new Dictionary<string, int>();

    /// <summary>Whether a listener that <see cref="Ports"/> does not name opens on any free port, and not on the plugin's choice.</summary>
    public bool UsesFreePorts { get; set; }

    /// <summary>How many datagrams may wait at one listener; more are dropped and counted.</summary>
    public int QueueLength { get; set; } = 16_384;

    /// <summary>Longer datagrams are dropped and counted: 4,096 is the most that RADIUS allows.</summary>
    public int MaxDatagramBytes { get; set; } = 4_096;

    /// <summary>How long a listener's handler may take over one batch before it is cancelled.</summary>
    public TimeSpan ListenerDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a plugin may take to be loaded and to configure itself. One that hangs is refused.</summary>
    public TimeSpan ConfigureDeadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long running calls of the old generation may take to end by themselves.</summary>
    public TimeSpan DrainDeadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long they may take after that, once they have been cancelled.</summary>
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How many calls of one extension run at once. Another waits, within its deadline. A tenant may have as many as are still free.
    /// </summary>
    public int ConcurrentCalls { get; set; } = 64;

    /// <summary>How many pieces of one job run at once, for all tenants. Another waits, within its deadline, in turn by tenant.</summary>
    /// <remarks>Fewer than there are connections for work, which events and actors need, too.</remarks>
    public int ConcurrentJobs { get; set; } = 12;

    /// <summary>How many calls of one tenant may wait for an extension. Another is refused at once.</summary>
    public int WaitingCalls { get; set; } = 1_000;

    /// <summary>Which part of a tenant's calls must get no answer within <see cref="BreakerWindow"/> to open its breaker.</summary>
    public double BreakerRatio { get; set; } = 0.5;

    /// <summary>How many calls there must be within <see cref="BreakerWindow"/>, at least 2: fewer say nothing.</summary>
    public int BreakerCalls { get; set; } = 5;

    /// <inheritdoc cref="BreakerRatio"/>
    public TimeSpan BreakerWindow { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an open breaker refuses calls before it lets one through to try.</summary>
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one call of a job may take.</summary>
    public TimeSpan JobDeadline { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the handling of one event may take.</summary>
    public TimeSpan EventDeadline { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an actor's turn may take.</summary>
    public TimeSpan ActorDeadline { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long one read of a panel may take.</summary>
    public TimeSpan PanelDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Static caches of shared assemblies that keep entries keyed by types of a plugin.</summary>
    public IList<StaticCache> StaticCaches { get; } = [.. StaticCache.Known];

    /// <summary>Drops what objects of the host remember of plugins' types. Called when a generation would not go otherwise.</summary>
    public Action? ScrubCaches { get; set; }

    static NuGetVersion VersionOfSdk()
    {
        var assembly = typeof(IPlugin).Assembly;
        var text = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return NuGetVersion.TryParse(text, out var version) ? version : new NuGetVersion(assembly.GetName().Version!);
    }
}

/// <summary>The events that a version of a plugin wants: all of them, so what it does not name it does not want.</summary>
/// <param name="Plugin">Whose they are.</param>
/// <param name="Handlers">The name of each event, and the handler for it.</param>
/// <param name="IsReplacement">Whether the operator puts this version in the place of another one, newer or older.</param>
public sealed record PluginSubscriptions(
    PluginIdentity Plugin, IReadOnlyList<(string Event, string Handler)> Handlers, bool IsReplacement);
