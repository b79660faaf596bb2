using IspHost.Sdk.Events;

namespace IspHost.PluginRuntime;

/// <summary>A plugin's event handler, called without knowing the event's type.</summary>
abstract class EventHandling
{
    public abstract Type EventType { get; }

    public abstract Task<EventOutcome> HandleAsync(EventContext context, object happened, CancellationToken cancellationToken);

    /// <summary>The name of its slot.</summary>
    public static string Join(string eventName, string handler) => $"{eventName} {handler}";

    /// <summary>The parts of <see cref="Join"/>.</summary>
    public static (string Event, string Handler) Split(string slot)
        => slot.Split(' ', 2) is [var eventName, var handler] ? (eventName, handler) : (slot, "");
}

sealed class EventHandling<TEvent>(IEventHandler<TEvent> handler) : EventHandling where TEvent : class
{
    public override Type EventType => typeof(TEvent);

    public override Task<EventOutcome> HandleAsync(EventContext context, object happened, CancellationToken cancellationToken)
        => handler.HandleAsync(context, (TEvent)happened, cancellationToken);
}

sealed class EventHandlingProxy(Slot<EventHandling> slot) : EventHandling
{
    public override Type EventType => throw new NotSupportedException("Only a generation knows it.");

    public override Task<EventOutcome> HandleAsync(EventContext context, object happened, CancellationToken cancellationToken)
        => slot.CallAsync(
            context.Tenant,
            static (handling, what, stop) => new ValueTask<EventOutcome>(handling.HandleAsync(what.context, what.happened, stop)),
            (context, happened),
            cancellationToken);
}
