using IspHost.Core.Actors;
using IspHost.Core.Cluster;
using IspHost.Core.Database;
using IspHost.Core.Jobs;
using IspHost.Core.Outbox;
using IspHost.Core.Web;
using IspHost.Core.Web.Contract;
using IspHost.Core.Web.Document;
using IspHost.Core.Work;
using IspHost.PluginRuntime;
using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Flags;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Usage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;

namespace IspHost.Core.Plugins;

/// <summary>What the host gives its plugins.</summary>
static class PluginsSetup
{
    public static IServiceCollection AddPlugins(this IServiceCollection services, PluginFolders folders)
        => services
            .AddSingleton(folders)
            .AddSingleton<Packages>()
            .AddHostedService<PluginStart>()
            .AddPluginRuntime(Configure);

    static void Configure(PluginRuntimeOptions options, IServiceProvider host)
    {
        var configuration = host.GetRequiredService<IConfiguration>();
        foreach (var listener in configuration.GetSection("Listeners").GetChildren())
            options.Ports[listener.Key] = listener.Get<int>();
        if (configuration["ListenAddress"] is { } address)
            options.ListenAddress = System.Net.IPAddress.Parse(address);
        options.Configuration = configuration;
        options.Store = configuration["PluginStore"];
        options.AddHostServices = (services, plugin) => AddHostServices(services, plugin, host);
        options.Migrate = (schema, stop) => MigrateAsync(host.GetRequiredService<HostConnections>(), schema, stop);
        options.ConcurrentJobs = host.GetRequiredService<HostConnections>().MostJobs;
        options.ListenerFlowBegins = () => DatabaseLanes.Current = DatabaseLane.Packets;
        options.DatagramsCame = host.GetRequiredService<Turns>().PacketsCame;
        options.Subscribe = async (wanted, stop) => await host.GetRequiredService<EventSubscriptions>().AdoptAsync(
            wanted.Plugin.Id, wanted.Plugin.Version, wanted.Handlers, wanted.IsReplacement, await NodesAsync(host, stop), stop);
        options.Unsubscribe = async (plugin, stop) => await host.GetRequiredService<EventSubscriptions>().LeaveAsync(
            plugin, await NodesAsync(host, stop), stop);
        options.CheckEndpoints = (plugin, services) => ApiDocument.Check(services, PrefixOf(plugin));
        options.DescribeEndpoints = (plugin, services, stop) => ApiDocument.MakeAsync(services, PrefixOf(plugin), stop);
        options.ConfigureEndpoints = (group, plugin) => group.ForTenants(plugin.Id.ToLowerInvariant().Replace('.', '-')).ChecksRequests();
    }

    /// <summary>What goes before the names of its schemas.</summary>
    static string PrefixOf(PluginIdentity plugin) => plugin.Id.Replace(".", "", StringComparison.Ordinal);

    static async Task<NodesAlive> NodesAsync(IServiceProvider host, CancellationToken cancellationToken)
    {
        var nodes = host.GetRequiredService<ClusterNodes>();
        return new(nodes.Own, [.. (await nodes.ListAsync(cancellationToken)).Select(node => node.Name)]);
    }

    /// <summary>The host's own objects, so that a plugin's container does not dispose them.</summary>
    static void AddHostServices(IServiceCollection services, PluginIdentity plugin, IServiceProvider host)
    {
        Share<IClock>();
        services.AddSingleton(host.GetRequiredService<HostConnections>().Of(plugin.Id));
        Share<IAnswers>();
        Share<ITenants>();
        Share<ICurrentTenant>();
        Share<ICustomers>();
        Share<IContracts>();
        Share<IUsage>();
        Share<ISubscribers>();
        Share<INasDevices>();
        Share<IFlags>();
        Share<IExtensions>();
        Share<IReplyCache>();
        Share<TimeProvider>();
        Share<IProblemDetailsService>();
        Share<IHostEnvironment>();
        services.AddApiJson();
        services.AddDocument(PrefixOf(plugin));
        services.AddSingleton(host.GetRequiredService<JobRuns>().For(plugin.Id));
        services.AddSingleton(host.GetRequiredService<ActorMessages>().For(plugin.Id));

        void Share<T>() where T : class => services.AddSingleton(host.GetRequiredService<T>());
    }

    static async Task MigrateAsync(HostConnections connections, OwnedSchema schema, CancellationToken cancellationToken)
    {
        var scripts = schema.Scripts;
        if (connections.Owner is { } owner)
            await new PluginSchema(owner, scripts, schema.Serving).UpgradeAsync(cancellationToken);
        else if (await Migrator.MissingAsync(connections.Connections, scripts, cancellationToken) is [var missing, ..])
        {
            throw new MigrationException(
                $"Schema {scripts.Schema} lacks {missing.Name}: run 'migrate' with the owner's connection string.");
        }
        await connections.OpenAsync(schema.Plugin.Id, scripts.Schema, schema.HearsDatagrams, cancellationToken);
    }
}
