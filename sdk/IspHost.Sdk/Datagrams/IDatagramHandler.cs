using System.Net;

namespace IspHost.Sdk.Datagrams;

/// <summary>Handles what arrives at a UDP port. The host owns the socket: it stays open while the plugin is upgraded.</summary>
public interface IDatagramHandler
{
    /// <summary>Handles the datagrams that arrived while the call before was running: 1 to 512 of them.</summary>
    /// <remarks>
    /// At most two calls run at once, so whatever arrives during a commit is there for the next one: batches form under load and
    /// nobody waits without it. Answer with <see cref="Datagram.Reply"/>, at any time until the returned task ends; a datagram
    /// without an answer is one that was dropped. An exception drops those not answered yet.
    /// </remarks>
    ValueTask HandleAsync(IReadOnlyList<Datagram> datagrams, CancellationToken cancellationToken);
}

/// <summary>A datagram that arrived.</summary>
public abstract class Datagram
{
    /// <summary>Who sent it.</summary>
    public abstract IPEndPoint Source { get; }

    /// <summary>What it holds. Valid until the call ends: copy what must stay.</summary>
    public abstract ReadOnlyMemory<byte> Payload { get; }

    /// <summary>
    /// Sends an answer to the source, from the port that it came to. Never throws: a lost answer looks like any lost datagram.
    /// </summary>
    public abstract void Reply(ReadOnlySpan<byte> payload);
}

/// <summary>Remembers answers for 30 seconds, so that a repeated request gets the same octets again (RFC 5080 section 2.2.2).</summary>
/// <remarks>The host keeps it, so it outlives an upgrade of the plugin that filled it.</remarks>
[HostService]
public interface IReplyCache
{
    /// <summary>Asks whether a request is new, and marks it as being worked on if it is.</summary>
    /// <param name="slot">What can have one request at a time: the source, the port it came to, and the identifier.</param>
    /// <param name="fingerprint">Tells a repetition from another request in the same slot, which takes its place.</param>
    /// <param name="reply">The stored answer, if the result is <see cref="ReplyState.Answered"/>.</param>
    ReplyState Begin(in ReplySlot slot, UInt128 fingerprint, out ReadOnlyMemory<byte> reply);

    /// <summary>Stores the answer to the request that is being worked on.</summary>
    void Complete(in ReplySlot slot, UInt128 fingerprint, ReadOnlySpan<byte> reply);

    /// <summary>Forgets the request, so that its repetition counts as new: it was dropped without an answer.</summary>
    void Forget(in ReplySlot slot, UInt128 fingerprint);
}

/// <summary>Where a request waits for its answer.</summary>
/// <param name="Source">Who asked.</param>
/// <param name="Listener">The name of the listener that it came to.</param>
/// <param name="Identifier">The request's identifier.</param>
public readonly record struct ReplySlot(IPEndPoint Source, string Listener, byte Identifier);

/// <summary>How far a request is.</summary>
public enum ReplyState
{
    /// <summary>Not seen before: work on it.</summary>
    New,

    /// <summary>Being worked on: drop the repetition.</summary>
    InProgress,

    /// <summary>Answered: send the same octets again.</summary>
    Answered,
}
