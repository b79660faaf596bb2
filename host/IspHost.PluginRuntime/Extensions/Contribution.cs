using IspHost.Sdk.Events;

namespace IspHost.PluginRuntime;

/// <summary>Something that a plugin contributes now.</summary>
/// <param name="Plugin">The plugin's id.</param>
/// <param name="Name">The name under which it contributes it, unique within plugin and kind.</param>
/// <param name="Target">A stable proxy: it may be kept, and calls what is current when a call starts.</param>
public sealed record Contribution<T>(string Plugin, string Name, T Target) where T : class;

/// <summary>Wants one kind of event delivered.</summary>
public sealed class EventSubscription
{
    readonly EventHandling handling;

    internal EventSubscription(string plugin, string @event, Type eventType, string handler, EventHandling handling)
        => (Plugin, Event, EventType, Handler, this.handling) = (plugin, @event, eventType, handler, handling);

    /// <summary>The plugin's id.</summary>
    public string Plugin { get; }

    /// <summary>The name of the event, from its <see cref="EventAttribute"/>.</summary>
    public string Event { get; }

    /// <summary>What its data must be deserialized to: a record of the SDK.</summary>
    public Type EventType { get; }

    /// <summary>The full name of the class that handles it: with the plugin's id, it names the subscription across versions.</summary>
    public string Handler { get; }

    /// <summary>Has the current generation handle one event.</summary>
    /// <exception cref="ExtensionFailedException">The handler threw.</exception>
    /// <exception cref="TimeoutException">The handler did not end in time.</exception>
    /// <exception cref="ExtensionUnavailableException">Nothing happened: the plugin is gone or keeps failing.</exception>
    public Task<EventOutcome> HandleAsync(EventContext context, object happened, CancellationToken cancellationToken)
        => handling.HandleAsync(context, happened, cancellationToken);
}
