using IspHost.Sdk.Actors;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Events;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Panels;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Sdk;

/// <summary>What a plugin contributes to the host. All of it comes and goes with the plugin.</summary>
/// <remarks>
/// Names are lower-case words with hyphens, unique within the plugin and their kind. Every class named here is a singleton of the
/// plugin's own container and may be called from many threads at once; what a call needs for itself it makes in that call.
/// </remarks>
public interface IPluginBuilder
{
    /// <summary>The plugin's own container. It also offers the host services and <c>ILogger</c>.</summary>
    IServiceCollection Services { get; }

    /// <summary>The plugin's section of the host's configuration: <c>Plugins:ID</c>.</summary>
    IConfiguration Settings { get; }

    /// <summary>Implements an extension point under a name that tenants and devices refer to, such as <c>mikrotik</c>.</summary>
    /// <typeparam name="TPoint">An interface marked with <see cref="ExtensionPointAttribute"/>.</typeparam>
    /// <typeparam name="TImplementation">The class that does it.</typeparam>
    IPluginBuilder AddExtension<TPoint, TImplementation>(string name)
        where TPoint : class where TImplementation : class, TPoint;

    /// <summary>Adds endpoints under <c>/api/v1</c>; they appear in the host's OpenAPI document and ask for its API keys.</summary>
    /// <remarks>Build with <c>EnableRequestDelegateGenerator</c>: delegates made at run time keep the plugin loaded.</remarks>
    IPluginBuilder MapEndpoints(Action<IEndpointRouteBuilder> map);

    /// <summary>Receives the datagrams of a UDP port that the host opens and keeps open while the plugin is upgraded.</summary>
    /// <param name="name">The name by which the host's configuration gives the port: <c>Listeners:NAME</c>.</param>
    /// <param name="port">The port if the configuration gives none.</param>
    /// <typeparam name="THandler">The class that handles them.</typeparam>
    IPluginBuilder AddListener<THandler>(string name, int port) where THandler : class, IDatagramHandler;

    /// <summary>Adds work that the host starts on request, spreads over its nodes, and resumes after a crash.</summary>
    IPluginBuilder AddJob<TJob>(string name) where TJob : class, IJob;

    /// <summary>Adds a handler for one kind of event. It is called at least once for each event.</summary>
    /// <typeparam name="TEvent">A record marked with <see cref="EventAttribute"/>.</typeparam>
    /// <typeparam name="THandler">The class that handles it.</typeparam>
    IPluginBuilder AddEventHandler<TEvent, THandler>() where TEvent : class where THandler : class, IEventHandler<TEvent>;

    /// <summary>Adds a kind of actor: state with an identity, whose messages are handled one at a time in the whole cluster.</summary>
    IPluginBuilder AddActor<TActor>(string type) where TActor : class, IActor;

    /// <summary>Adds a table to the host's status page.</summary>
    IPluginBuilder AddPanel<TPanel>(string name) where TPanel : class, IPanel;

    /// <summary>
    /// Names the schema that the plugin owns. Its scripts are resources of the plugin's assembly named <c>NNNN-what.sql</c>.
    /// </summary>
    /// <remarks>
    /// The host runs the scripts that it has not run yet, in order of their numbers, as the schema's owner, before the first call
    /// to the plugin. A script must leave the version before it working: both run side by side during an upgrade.
    /// <c>IspHost.Sdk.Data</c> calls this for you.
    /// </remarks>
    IPluginBuilder OwnSchema(string schema);
}
