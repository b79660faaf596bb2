using IspHost.Sdk.Subscribers;
using NodaTime;

namespace IspHost.Sdk.Events;

/// <summary>Names a kind of event for ever.</summary>
/// <param name="name">Such as <c>subscription.changed</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EventAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}

/// <summary>Handles one kind of event.</summary>
/// <remarks>
/// Called at least once for each event, soon after the transaction that published it; events of one tenant may come in any order.
/// Make the effect harmless to repeat: <see cref="EventContext.Id"/> is the key. An exception is retried with growing pauses, and
/// counts against the handler; where nothing is broken and it is only too early, the answer is <see cref="EventOutcome.Later"/>.
/// </remarks>
/// <typeparam name="TEvent">A record marked with <see cref="EventAttribute"/>.</typeparam>
public interface IEventHandler<in TEvent> where TEvent : class
{
    /// <summary>Handles one event.</summary>
    Task<EventOutcome> HandleAsync(EventContext context, TEvent happened, CancellationToken cancellationToken);
}

/// <summary>What came of the handling of an event.</summary>
public abstract record EventOutcome
{
    EventOutcome() { }

    /// <summary>The event needs nothing more of this handler.</summary>
    public sealed record Handled : EventOutcome;

    /// <summary>Nothing can be done about it now: it comes again after a pause, each time a longer one, for three days.</summary>
    /// <param name="Reason">For staff: what it waits for.</param>
    public sealed record Later(string Reason) : EventOutcome;
}

/// <summary>Where an event comes from.</summary>
public sealed record EventContext
{
    /// <summary>For whom.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The same at every repetition.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it happened, by the tenant's clock.</summary>
    public required Instant At { get; init; }
}

/// <summary>What a service may do has changed: its plan, its locks, or its end. A session that is running may have to change.</summary>
[Event("access.changed")]
public sealed record AccessChanged
{
    /// <summary>The service.</summary>
    public required SubscriptionId Subscription { get; init; }

    /// <summary>What it may reach now; <see cref="AccessMode.Blocked"/> if it has ended.</summary>
    public required AccessMode Access { get; init; }

    /// <summary>Why, for the audit.</summary>
    public required string Reason { get; init; }
}

/// <summary>An invoice has been issued: it has its number and will not change.</summary>
[Event("invoice.issued")]
public sealed record InvoiceIssued
{
    /// <summary>The invoice.</summary>
    public required Guid Invoice { get; init; }

    /// <summary>Who owes it.</summary>
    public required CustomerId Customer { get; init; }

    /// <summary>The number as printed.</summary>
    public required string Number { get; init; }

    /// <summary>Taxes included.</summary>
    public required Money Total { get; init; }

    /// <summary>When it must be paid, in the tenant's zone.</summary>
    public required LocalDate Due { get; init; }
}
