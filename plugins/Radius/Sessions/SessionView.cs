using System.Text.Json;
using System.Text.Json.Serialization;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Changes;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Web;
using NodaTime;

namespace IspHost.Plugins.Radius.Sessions;

/// <summary>A session as the API shows it.</summary>
sealed record SessionView
{
    public required Guid Id { get; init; }
    public required string UserName { get; init; }
    public required string AcctSessionId { get; init; }
    public required NasId Nas { get; init; }
    public SubscriptionId? Subscription { get; init; }
    public string? Address { get; init; }
    public required Instant StartedAt { get; init; }
    public required Instant LastSeenAt { get; init; }
    public Instant? StoppedAt { get; init; }
    public SessionEnd? End { get; init; }
    public required long BytesUp { get; init; }
    public required long BytesDown { get; init; }

    /// <summary>It missed its interims: it may be gone without a Stop.</summary>
    public required bool IsStale { get; init; }

    /// <summary>A counter said something that cannot be and was not counted.</summary>
    public required bool IsSuspect { get; init; }

    public static SessionView Of(Session session, Instant staleBefore) => new()
    {
        Id = session.Id,
        UserName = session.Key.UserName.ToString(),
        AcctSessionId = session.Key.AcctSessionId.ToString(),
        Nas = session.Key.Nas,
        Subscription = session.Subscription,
        Address = session.FramedAddress?.ToString(),
        StartedAt = session.StartedAt,
        LastSeenAt = session.LastAt,
        StoppedAt = session.StoppedAt,
        End = session.End,
        BytesUp = session.Up.Octets,
        BytesDown = session.Down.Octets,
        IsStale = session.IsOpen && session.LastAt < staleBefore,
        IsSuspect = session.Up.IsSuspect || session.Down.IsSuspect,
    };
}

/// <summary>A session and what it was asked to do.</summary>
/// <param name="Session">The session.</param>
/// <param name="Changes">What its access server was asked to change, the latest first.</param>
sealed record SessionDetail(SessionView Session, IReadOnlyList<ChangeRequest> Changes);

/// <summary>All that this plugin reads and writes as JSON.</summary>
[JsonSerializable(typeof(Page<SessionView>))]
[JsonSerializable(typeof(SessionDetail))]
[JsonSerializable(typeof(ChangeRequest))]
[JsonSerializable(typeof(ChangeOrder))]
[JsonSerializable(typeof(ChangeState))]
[JsonSerializable(typeof(WatchState))]
[JsonSerializable(typeof(AccessMode))]
sealed partial class RadiusJson : JsonSerializerContext
{
    /// <summary>With the platform's way to write enums, times and identities.</summary>
    public static RadiusJson New() => new(new JsonSerializerOptions(SdkJson.NewOptions()));
}
