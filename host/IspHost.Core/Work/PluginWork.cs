using IspHost.PluginRuntime;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Jobs;

namespace IspHost.Core.Work;

/// <summary>What the plugins in this process contribute.</summary>
sealed class PluginWork(PluginHost plugins) : IPluginWork
{
    public IReadOnlyList<EventSubscriber> Subscribers
        => [.. plugins.Subscriptions.Select(s => new EventSubscriber(s.Plugin, s.Event, s.Handler, s.EventType, s.HandleAsync))];

    public IReadOnlyList<(string Plugin, string Name)> JobNames => NamesOf(plugins.Jobs);

    public IReadOnlyList<(string Plugin, string Name)> ActorTypes => NamesOf(plugins.Actors);

    public IJob? FindJob(string plugin, string name) => Find(plugins.Jobs, plugin, name);

    public IActor? FindActor(string plugin, string type) => Find(plugins.Actors, plugin, type);

    static (string, string)[] NamesOf<T>(IReadOnlyList<Contribution<T>> offered) where T : class
        => [.. offered.Select(found => (found.Plugin, found.Name))];

    static T? Find<T>(IReadOnlyList<Contribution<T>> offered, string plugin, string name) where T : class
        => offered.FirstOrDefault(found => found.Plugin == plugin && found.Name == name)?.Target;
}
