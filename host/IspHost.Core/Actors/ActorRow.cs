using IspHost.Sdk.Actors;

namespace IspHost.Core.Actors;

/// <summary>What is stored of an actor.</summary>
/// <param name="Etag">The number of its last change.</param>
/// <param name="State">What the last turn left.</param>
/// <param name="WakeUp">The message to itself, and when; null for none.</param>
sealed record ActorRow(long Etag, Envelope State, PendingWakeUp? WakeUp);

/// <summary>A message to oneself that waits.</summary>
/// <param name="At">When it is due, as <see cref="TimeProvider.GetTimestamp"/> counts.</param>
/// <param name="Message">The message.</param>
/// <param name="Failures">How many turns for it have failed.</param>
sealed record PendingWakeUp(long At, Envelope Message, int Failures)
{
    /// <summary>One that is due in so many seconds, or was due so many ago.</summary>
    public static PendingWakeUp In(double seconds, Envelope message, int failures, TimeProvider time)
        => new(time.GetTimestamp() + (long)(seconds * time.TimestampFrequency), message, failures);
}
