using System.Collections.Concurrent;
using System.Collections.Immutable;
using IspHost.Core.Work;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Jobs;

namespace IspHost.Core.Tests.Cluster;

/// <summary>What the plugins of one node offer, as a test puts it.</summary>
sealed class FakePlugins : IPluginWork
{
    public const string Plugin = "Shop";

    public ConcurrentDictionary<string, IJob> Jobs { get; } = new();

    public ConcurrentDictionary<string, IActor> Actors { get; } = new();

    public ImmutableList<EventSubscriber> Handlers { get; set; } = [];

    public IReadOnlyList<EventSubscriber> Subscribers => Handlers;

    public IReadOnlyList<(string Plugin, string Name)> JobNames => [.. Jobs.Keys.Select(name => (Plugin, name))];

    public IReadOnlyList<(string Plugin, string Name)> ActorTypes => [.. Actors.Keys.Select(name => (Plugin, name))];

    public IJob? FindJob(string plugin, string name) => plugin == Plugin ? Jobs.GetValueOrDefault(name) : null;

    public IActor? FindActor(string plugin, string type) => plugin == Plugin ? Actors.GetValueOrDefault(type) : null;
}
