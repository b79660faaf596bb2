using IspHost.Sdk.Actors;

namespace IspHost.Core.Actors;

/// <summary>What is stored of an actor.</summary>
/// <param name="Etag">The number of its last change.</param>
/// <param name="State">What the last turn left.</param>
/// <param name="Due">The message to itself whose time had come when this was read; null if there was none.</param>
sealed record ActorRow(long Etag, Envelope State, DueWakeUp? Due);

/// <summary>A message to oneself whose time has come.</summary>
/// <param name="Message">The message.</param>
/// <param name="Failures">How many turns for it have failed.</param>
sealed record DueWakeUp(Envelope Message, int Failures);
