using NodaTime;

namespace IspHost.Sdk.Actors;

/// <summary>State with an identity. Its messages are handled one at a time, wherever in the cluster they come from.</summary>
/// <remarks>
/// The object is shared by all actors of its type and holds no state of its own: state comes in and goes out with each turn, so an
/// upgrade takes over between two turns. It is stored before the turn's messages leave. During a network split two turns may run
/// at once; the later one to store then fails and is repeated, so effects outside the state need keys of their own.
/// </remarks>
public interface IActor
{
    /// <summary>Handles one message.</summary>
    ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken);
}

/// <summary>Whose turn it is.</summary>
public sealed record ActorContext
{
    /// <summary>For whom.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Names the actor within tenant and type.</summary>
    public required string Id { get; init; }

    /// <summary>What the turn before left, of any version of this plugin; null at the first turn.</summary>
    public Envelope? State { get; init; }
}

/// <summary>How a turn ends.</summary>
public sealed record ActorTurn
{
    /// <summary>What the next turn gets; null ends the actor.</summary>
    public Envelope? State { get; init; }

    /// <summary>What the sender of the message gets.</summary>
    public Envelope? Answer { get; init; }

    /// <summary>
    /// A message to itself after a pause, at least once and possibly late; null for none. It replaces the one set before.
    /// </summary>
    public WakeUp? WakeUp { get; init; }
}

/// <summary>A message to oneself after a pause.</summary>
/// <param name="After">At least a second.</param>
/// <param name="Message">What to receive then.</param>
public sealed record WakeUp(Duration After, Envelope Message);

/// <summary>Data of a plugin that passes through the host: JSON with the name and version of its schema.</summary>
/// <param name="Schema">Such as <c>radius.disconnect</c>.</param>
/// <param name="Version">Goes up when older readers would misread the data.</param>
/// <param name="Json">UTF-8, at most 256 KB.</param>
public sealed record Envelope(string Schema, int Version, ReadOnlyMemory<byte> Json);

/// <summary>Sends messages to the actors of the calling plugin.</summary>
[HostService]
public interface IActors
{
    /// <summary>Sends a message and waits until its turn has ended.</summary>
    /// <exception cref="TimeoutException">No answer in 30 seconds; the message may or may not have been handled.</exception>
    Task<Envelope?> SendAsync(TenantId tenant, string type, string id, Envelope message, CancellationToken cancellationToken);
}
