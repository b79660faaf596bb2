using System.Reflection;
using IspHost.Core.Database;
using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Serialization.Configuration;

namespace IspHost.Core.Cluster;

/// <summary>Makes a process a node of the cluster.</summary>
public static class ClusterSetup
{
    static readonly HashSet<Assembly> Contracts = [typeof(TenantId).Assembly, typeof(Instant).Assembly];

    /// <summary>Adds Orleans with membership in PostgreSQL. The database must be up when the host starts.</summary>
    /// <param name="builder">The web application or plain host.</param>
    /// <param name="connections">The database; they outlive the host.</param>
    /// <param name="options">How the process takes part.</param>
    public static IHostApplicationBuilder AddCluster(
        this IHostApplicationBuilder builder, HostConnections connections, NodeOptions options)
    {
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<ClusterNodes>();
        builder.Services.TryAddSingleton<TenantSql>();
        builder.Services.TryAddSingleton<IPluginWork, PluginWork>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        // It takes the machine's uptime for a pause of its check thread and so warns at each start.
        builder.Logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        return builder.UseOrleans(silo => silo
            .UseDatabase(connections)
            .UseNode(options)
            .UseTimings()
            .AddIncomingGrainCallFilter<TenantGuard>()
            .Services.AddContracts());
    }

    static ISiloBuilder UseDatabase(this ISiloBuilder silo, HostConnections connections) => silo
        .UseAdoNetClustering(clustering => clustering.Configure(o =>
        {
            o.Invariant = "Npgsql";
            o.DataSource = connections.Cluster;
        }));

    /// <summary>No gateway: every process that calls grains is a node itself.</summary>
    static ISiloBuilder UseNode(this ISiloBuilder silo, NodeOptions node) => silo
        .Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (node.Cluster, node.Cluster))
        .Configure<SiloOptions>(o => o.SiloName = node.Name)
        .ConfigureEndpoints(node.Address, node.Port == 0 ? FreePort.On(node.Address) : node.Port, gatewayPort: 0);

    /// <summary>
    /// A killed node is out within seconds, a slow one is spared. A call that nobody waits for any more is cancelled, for it keeps
    /// the turn of its grain.
    /// </summary>
    static ISiloBuilder UseTimings(this ISiloBuilder silo) => silo
        .Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = TimeSpan.FromSeconds(2);
            o.TableRefreshTimeout = o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
        })
        .Configure<SiloMessagingOptions>(o => o.CancelRequestOnTimeout = true);

    /// <summary>The SDK knows nothing of Orleans: its records travel as JSON.</summary>
    static void AddContracts(this IServiceCollection services)
    {
        services.AddSerializer(serializer => serializer.AddJsonSerializer(
            type => Contracts.Contains(type.Assembly) && !type.IsAssignableTo(typeof(Exception)), SdkJson.NewOptions()));
        services.Configure<TypeManifestOptions>(o =>
        {
            foreach (var assembly in Contracts)
                o.AddAllowedAssembly(assembly);
        });
        services.Configure<ExceptionSerializationOptions>(o => o.SupportedNamespacePrefixes.Add("IspHost"));
    }
}
