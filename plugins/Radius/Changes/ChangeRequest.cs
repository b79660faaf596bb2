using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using NodaTime;

namespace IspHost.Plugins.Radius.Changes;

/// <summary>Asks that a running session follow what its service may do now.</summary>
sealed record ChangeOrder
{
    /// <summary>The same for every delivery of one order.</summary>
    public required Guid Request { get; init; }

    public required Guid Session { get; init; }

    /// <summary>What the news said. The request itself does what holds when it is made.</summary>
    public required AccessMode Access { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who wants it, for the audit.</summary>
    public required string By { get; init; }

    /// <summary>When what it is about happened, by the tenant's clock.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>What the session gets by it: see <see cref="Radius.Grant"/>.</summary>
    public long Grant { get; init; }

    /// <summary>Cut the session whatever it may do: an operator says so, or its device has refused to change it.</summary>
    public bool Cut { get; init; }
}

/// <summary>What is sent to the access server.</summary>
enum ChangeKind
{
    /// <summary>CoA-Request.</summary>
    Change,

    /// <summary>Disconnect-Request.</summary>
    Disconnect,
}

/// <summary>What came of it.</summary>
enum ChangeOutcome
{
    /// <summary>It is still being asked for.</summary>
    Pending,

    /// <summary>The device said yes. Whether the session has ended, its Stop will say.</summary>
    Acknowledged,

    /// <summary>The device said no.</summary>
    Refused,

    /// <summary>The device said nothing until the deadline: the session may be as it was, or not.</summary>
    NoAnswer,

    /// <summary>A newer request took its place.</summary>
    Superseded,

    /// <summary>The session had ended before.</summary>
    NoSession,

    /// <summary>The device is no longer known.</summary>
    NoDevice,
}

/// <summary>A CoA- or Disconnect-Request and what came of it, as stored and as the API shows it.</summary>
sealed record ChangeRequest
{
    public required Guid Id { get; init; }
    public required Guid Session { get; init; }
    public required ChangeKind Kind { get; init; }
    public required AccessMode Access { get; init; }
    public required string Reason { get; init; }
    public required string By { get; init; }
    public required Instant AsOf { get; init; }
    public required Instant RequestedAt { get; init; }
    public Instant? FinishedAt { get; init; }
    public required ChangeOutcome Outcome { get; init; }

    /// <summary>Error-Cause of a refusal (RFC 5176 section 3.5).</summary>
    public int? ErrorCause { get; init; }
    public required int Attempts { get; init; }
}

/// <summary>A request under way: what is needed to send the very same datagram again.</summary>
sealed record ChangeState
{
    public required ChangeOrder Order { get; init; }

    public required ChangeKind Kind { get; init; }

    public required NasId Nas { get; init; }

    /// <summary>
    /// The request. A retransmission has the same octets, Identifier and Event-Timestamp included (RFC 5176 section 2.3).
    /// </summary>
    public required byte[] Octets { get; init; }

    /// <summary>From which port it was sent, since that is how the device recognises a retransmission; 0 if it was not.</summary>
    public int Port { get; init; }

    public int Attempts { get; init; }

    /// <summary>What Event-Timestamp says, by the real clock.</summary>
    public required Instant MadeAt { get; init; }
}
