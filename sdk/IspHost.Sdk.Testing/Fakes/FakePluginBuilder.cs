using IspHost.Sdk.Actors;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Events;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Panels;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IspHost.Sdk.Testing;

/// <summary>Configures a plugin in the test's own process and shows what it brings.</summary>
/// <remarks>Add the host services that the plugin asks for to <see cref="Services"/>, as fakes.</remarks>
public sealed class FakePluginBuilder : IPluginBuilder
{
    readonly List<Contribution> contributions = [];

    /// <summary>A builder with these settings: what the host's configuration has under <c>Plugins:ID</c>.</summary>
    public FakePluginBuilder(params IEnumerable<(string Key, string Value)> settings)
    {
        Settings = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build();
        Services.AddLogging();
        Services.AddMetrics();
    }

    /// <summary>A builder on which the plugin has been configured.</summary>
    public static FakePluginBuilder Of(IPlugin plugin, params IEnumerable<(string Key, string Value)> settings)
    {
        var builder = new FakePluginBuilder(settings);
        plugin.Configure(builder);
        return builder;
    }

    /// <inheritdoc/>
    public IServiceCollection Services { get; } = new ServiceCollection();

    /// <inheritdoc/>
    public IConfiguration Settings { get; }

    /// <summary>What the plugin brings, in the order in which it said so.</summary>
    public IReadOnlyList<Contribution> Contributions => contributions;

    /// <summary>What the plugin maps its endpoints with, for a <c>WebApplication</c> of the test.</summary>
    public IList<Action<IEndpointRouteBuilder>> Endpoints { get; } = [];

    /// <summary>The container of the plugin. Dispose it: it owns the plugin's objects.</summary>
    public ServiceProvider Build() => Services.BuildServiceProvider(validateScopes: true);

    /// <summary>The plugin's extension of this name, from its container.</summary>
    public TPoint Extension<TPoint>(ServiceProvider container, string name) where TPoint : class
    {
        var found = contributions.SingleOrDefault(contribution => contribution.Point == typeof(TPoint) && contribution.Name == name)
            ?? throw new ArgumentException($"The plugin has no {typeof(TPoint).Name} '{name}'.", nameof(name));
        return (TPoint)container.GetRequiredService(found.Type);
    }

    /// <inheritdoc/>
    public IPluginBuilder AddExtension<TPoint, TImplementation>(string name) where TPoint : class where TImplementation : class, TPoint
        => Add<TImplementation>("extension", name, typeof(TPoint));

    /// <inheritdoc/>
    public IPluginBuilder MapEndpoints(Action<IEndpointRouteBuilder> map)
    {
        Endpoints.Add(map);
        return this;
    }

    /// <inheritdoc/>
    public IPluginBuilder AddListener<THandler>(string name, int port) where THandler : class, IDatagramHandler
        => Add<THandler>("listener", name);

    /// <inheritdoc/>
    public IPluginBuilder AddJob<TJob>(string name) where TJob : class, IJob => Add<TJob>("job", name);

    /// <inheritdoc/>
    public IPluginBuilder AddEventHandler<TEvent, THandler>() where TEvent : class where THandler : class, IEventHandler<TEvent>
        => Add<THandler>("event handler", typeof(TEvent).Name, typeof(TEvent));

    /// <inheritdoc/>
    public IPluginBuilder AddActor<TActor>(string type) where TActor : class, IActor => Add<TActor>("actor", type);

    /// <inheritdoc/>
    public IPluginBuilder AddPanel<TPanel>(string name) where TPanel : class, IPanel => Add<TPanel>("panel", name);

    /// <inheritdoc/>
    public IPluginBuilder OwnSchema(string schema)
    {
        contributions.Add(new Contribution("schema", schema, typeof(void)));
        return this;
    }

    FakePluginBuilder Add<TClass>(string kind, string name, Type? point = null) where TClass : class
    {
        if (contributions.Any(other => other.Kind == kind && other.Name == name && other.Point == point))
            throw new ArgumentException($"The plugin has two of the kind {kind} named '{name}'.", nameof(name));
        Services.TryAddSingleton<TClass>();
        contributions.Add(new Contribution(kind, name, typeof(TClass), point));
        return this;
    }
}

/// <summary>Something that a plugin brings.</summary>
/// <param name="Kind">
/// <c>extension</c>, <c>listener</c>, <c>job</c>, <c>event handler</c>, <c>actor</c>, <c>panel</c> or <c>schema</c>.
/// </param>
/// <param name="Name">Its name; for an event handler the name of the event's type.</param>
/// <param name="Type">The class that does it.</param>
/// <param name="Point">The extension point or the type of the event, if there is one.</param>
public sealed record Contribution(string Kind, string Name, Type Type, Type? Point = null);
