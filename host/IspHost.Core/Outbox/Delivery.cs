using IspHost.Sdk.Events;

namespace IspHost.Core.Outbox;

/// <summary>One event on its way to one handler, taken by this node for a while.</summary>
/// <param name="Context">Which event.</param>
/// <param name="Body">Its record as JSON.</param>
/// <param name="Attempt">1 for the first.</param>
sealed record Delivery(EventContext Context, string Body, int Attempt);

/// <summary>How many deliveries of a tenant wait.</summary>
/// <param name="Pending">To be delivered, or tried again.</param>
/// <param name="Retrying">Those of them that have failed before.</param>
/// <param name="Dead">Given up.</param>
public sealed record DeliveryCounts(int Pending, int Retrying, int Dead);

/// <summary>A delivery that failed and is not done.</summary>
public sealed record FailedDelivery
{
    /// <summary>The event.</summary>
    public required Guid Event { get; init; }

    /// <summary>The event's name.</summary>
    public required string Kind { get; init; }

    /// <summary>The plugin that wants it.</summary>
    public required string Plugin { get; init; }

    /// <summary>The handler within the plugin.</summary>
    public required string Handler { get; init; }

    /// <summary>How often it was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>Whether it was given up.</summary>
    public required bool IsDead { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public required string Error { get; init; }
}
