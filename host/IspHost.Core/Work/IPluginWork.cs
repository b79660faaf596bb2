using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Events;
using IspHost.Sdk.Jobs;

namespace IspHost.Core.Work;

/// <summary>What the plugins of this node contribute now. Each call through it runs in the generation that is current then.</summary>
/// <remarks>Ask again for each use: what is found may be kept for a call, not for longer.</remarks>
public interface IPluginWork
{
    /// <summary>The job that the plugin added under this name; null if it offers none now.</summary>
    IJob? FindJob(string plugin, string name);

    /// <summary>The type of actor that the plugin added under this name; null if it offers none now.</summary>
    IActor? FindActor(string plugin, string type);

    /// <summary>All event handlers.</summary>
    IReadOnlyList<EventSubscriber> Subscribers { get; }

    /// <summary>All jobs, by plugin and name.</summary>
    IReadOnlyList<(string Plugin, string Name)> JobNames { get; }

    /// <summary>All types of actor, by plugin and name.</summary>
    IReadOnlyList<(string Plugin, string Name)> ActorTypes { get; }
}

static class OfferedWork
{
    extension(IPluginWork work)
    {
        /// <exception cref="ExtensionUnavailableException">The plugin offers none now.</exception>
        public IJob Job(string plugin, string name)
            => work.FindJob(plugin, name) ?? throw new ExtensionUnavailableException("job", name, NotOffered);

        /// <exception cref="ExtensionUnavailableException">The plugin offers none now.</exception>
        public IActor Actor(string plugin, string type)
            => work.FindActor(plugin, type) ?? throw new ExtensionUnavailableException("actor", type, NotOffered);
    }

    const string NotOffered = "no plugin offers it";
}

/// <summary>A plugin's handler of one kind of event.</summary>
/// <param name="Plugin">The plugin's id.</param>
/// <param name="Kind">The event's name.</param>
/// <param name="Handler">Names the handler within the plugin, the same in all its versions.</param>
/// <param name="EventType">The record of the SDK.</param>
/// <param name="HandleAsync">Handles one event.</param>
public sealed record EventSubscriber(
    string Plugin, string Kind, string Handler, Type EventType,
    Func<EventContext, object, CancellationToken, Task<EventOutcome>> HandleAsync);
