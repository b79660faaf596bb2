using System.Reflection;
using System.Text.RegularExpressions;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Events;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Panels;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IspHost.PluginRuntime;

/// <summary>Collects what a plugin contributes while it configures itself.</summary>
sealed partial class PluginBuilder(PluginManifest manifest, Slots slots, IServiceCollection services, IConfiguration settings)
    : IPluginBuilder
{
    readonly List<(Slot Slot, Func<IServiceProvider, object> Make)> contributions = [];
    readonly List<Action<IEndpointRouteBuilder>> endpoints = [];
    readonly List<(Slot<IDatagramHandler> Slot, int Port)> listeners = [];

    public IServiceCollection Services => services;

    public IConfiguration Settings => settings;

    public IReadOnlyList<(Slot Slot, Func<IServiceProvider, object> Make)> Contributions => contributions;

    public IReadOnlyList<Action<IEndpointRouteBuilder>> Endpoints => endpoints;

    public IReadOnlyList<(Slot<IDatagramHandler> Slot, int Port)> Listeners => listeners;

    public string? Schema { get; private set; } = manifest.Schema;

    public IPluginBuilder AddExtension<TPoint, TImplementation>(string name)
        where TPoint : class where TImplementation : class, TPoint
        => Add<TPoint, TImplementation>("", name);

    public IPluginBuilder MapEndpoints(Action<IEndpointRouteBuilder> map)
    {
        endpoints.Add(map);
        return this;
    }

    public IPluginBuilder AddListener<THandler>(string name, int port) where THandler : class, IDatagramHandler
    {
        if (port is < 0 or > 65_535)
            throw new ArgumentOutOfRangeException(nameof(port), port, $"Listener '{name}' needs a port from 0 to 65535.");

        Add<IDatagramHandler, THandler>("", name);
        listeners.Add((slots.Offering<IDatagramHandler>("", name), port));
        return this;
    }

    public IPluginBuilder AddJob<TJob>(string name) where TJob : class, IJob => Add<IJob, TJob>(manifest.Id, name);

    public IPluginBuilder AddActor<TActor>(string type) where TActor : class, IActor => Add<IActor, TActor>(manifest.Id, type);

    public IPluginBuilder AddPanel<TPanel>(string name) where TPanel : class, IPanel => Add<IPanel, TPanel>(manifest.Id, name);

    public IPluginBuilder AddEventHandler<TEvent, THandler>() where TEvent : class where THandler : class, IEventHandler<TEvent>
    {
        if (typeof(TEvent).GetCustomAttribute<EventAttribute>() is not { } named || typeof(TEvent).IsCollectible)
            throw new ArgumentException($"{typeof(TEvent).FullName} is not an event of the SDK.");

        Services.TryAddSingleton<THandler>();
        var slot = slots.Offering<EventHandling>(manifest.Id, EventHandling.Join(named.Name, typeof(THandler).FullName!));
        return Add(slot, provider => new EventHandling<TEvent>(provider.GetRequiredService<THandler>()));
    }

    public IPluginBuilder OwnSchema(string schema)
    {
        if (!ManifestReader.IsSchema(schema))
            throw new ArgumentException($"The schema \"{schema}\" {ManifestReader.SchemaRule}.");
        if (Schema is not null && Schema != schema)
            throw new ArgumentException($"A plugin owns one schema, and \"{Schema}\" was named before \"{schema}\".");

        Schema = schema;
        return this;
    }

    PluginBuilder Add<TContract, TImplementation>(string plugin, string name)
        where TContract : class where TImplementation : class, TContract
    {
        if (!NamePattern().IsMatch(name))
            throw new ArgumentException($"The name \"{name}\" must be lower-case words with hyphens, at most 64 characters.");

        Services.TryAddSingleton<TImplementation>();
        return Add(slots.Offering<TContract>(plugin, name), provider => provider.GetRequiredService<TImplementation>());
    }

    PluginBuilder Add(Slot slot, Func<IServiceProvider, object> make)
    {
        if (contributions.Any(other => other.Slot == slot))
            throw new ArgumentException($"The {slot.Point} '{slot.Name}' is added twice.");

        contributions.Add((slot, make));
        return this;
    }

    [GeneratedRegex(@"^(?=.{1,64}\z)[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex NamePattern();
}
