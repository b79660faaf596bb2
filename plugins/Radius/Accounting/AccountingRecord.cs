using System.Net;
using System.Text;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using NodaTime;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>What a record reports: RFC 2866 section 5.1.</summary>
enum AccountingStatus
{
    Start = 1,
    Stop = 2,
    Interim = 3,
    On = 7,
    Off = 8,
}

/// <summary>Names a session as well as its access server can: see <see cref="Incarnations"/> for what that leaves open.</summary>
readonly record struct SessionKey(NasId Nas, OctetString AcctSessionId, OctetString UserName) : IComparable<SessionKey>
{
    /// <summary>In the order in which PostgreSQL sorts the same columns, so that locks are taken in one order everywhere.</summary>
    public int CompareTo(SessionKey other)
    {
        Span<byte> mine = stackalloc byte[16], others = stackalloc byte[16];
        Nas.Value.TryWriteBytes(mine, bigEndian: true, out _);
        other.Nas.Value.TryWriteBytes(others, bigEndian: true, out _);
        var byNas = mine.SequenceCompareTo(others);
        if (byNas != 0)
            return byNas;
        var byId = AcctSessionId.CompareTo(other.AcctSessionId);
        return byId != 0 ? byId : UserName.CompareTo(other.UserName);
    }
}

/// <summary>What an Accounting-Request says, once its device is known.</summary>
sealed record AccountingRecord
{
    public required SessionKey Key { get; init; }

    public required AccountingStatus Status { get; init; }

    /// <summary>When it happened, by the tenant's clock.</summary>
    public required Instant At { get; init; }

    /// <summary>The device said itself when it happened: <see cref="At"/> is exact to a second or two.</summary>
    public bool IsDated { get; init; }

    /// <summary>From our Class, if it came back.</summary>
    public Guid? Token { get; init; }

    public SubscriptionId? Subscription { get; init; }

    /// <summary>What the session was let in to, from our Class.</summary>
    public long? Granted { get; init; }

    /// <summary>Acct-Session-Time.</summary>
    public long? Seconds { get; init; }

    /// <summary>Acct-Input: what the device received, which is the subscriber's upload.</summary>
    public Reading? Up { get; init; }

    /// <summary>Acct-Output.</summary>
    public Reading? Down { get; init; }

    public int? TerminateCause { get; init; }

    public IPAddress? FramedAddress { get; init; }

    public string? PortId { get; init; }

    public IPAddress? NasAddress { get; init; }

    public string? NasIdentifier { get; init; }

    /// <summary>The device began anew or shut down.</summary>
    public bool IsBoot => Status is AccountingStatus.On or AccountingStatus.Off;

    /// <summary>When the session began, as far as this record knows; the same for every record of one session.</summary>
    public Instant Began => At - Duration.FromSeconds(Seconds ?? 0);

    /// <summary>Whether <see cref="Began"/> is known rather than guessed.</summary>
    public bool KnowsBegin => Status == AccountingStatus.Start || Seconds is not null;

    /// <summary>Reads a request that is proven to come from the device.</summary>
    /// <param name="packet">The request.</param>
    /// <param name="device">Who sent it.</param>
    /// <param name="subscribers">Among whom to look for the user, when Class does not say who it is.</param>
    /// <param name="now">The time of arrival by the tenant's clock.</param>
    /// <param name="record">What it says; null for a kind of record that is acknowledged and means nothing to us.</param>
    /// <param name="reason">Why the request has to be dropped, if the answer is false.</param>
    public static bool TryRead(
        in Packet packet, NasDevice device, ISubscribers subscribers, Instant now, out AccountingRecord? record, out DropReason reason)
    {
        record = null;
        reason = DropReason.NoStatusType;
        if (packet.Integer(AttributeType.AcctStatusType) is not { } status)
            return false;
        reason = DropReason.None;
        if (!Enum.IsDefined((AccountingStatus)status))
            return IsOtherKind(status, ref reason);
        if (!packet.TryFind(AttributeType.AcctSessionId, out var sessionId) && status < 7)
        {
            reason = DropReason.NoSessionId;
            return false;
        }
        packet.TryFind(AttributeType.UserName, out var userName);
        var ticket = SessionTicket.Find(packet, device);
        record = new AccountingRecord
        {
            Key = new SessionKey(device.Id, new OctetString(sessionId.ToArray()), new OctetString(userName.ToArray())),
            Status = (AccountingStatus)status,
            At = EventTime.Of(packet, now, out var isDated),
            IsDated = isDated,
            Token = ticket?.Token,
            Granted = ticket?.Grant,
            Subscription = ticket?.Subscription ?? Find(subscribers, device.Tenant, userName),
            Seconds = packet.Integer(AttributeType.AcctSessionTime),
            Up = Reading.Of(packet, AttributeType.AcctInputOctets, AttributeType.AcctInputGigawords),
            Down = Reading.Of(packet, AttributeType.AcctOutputOctets, AttributeType.AcctOutputGigawords),
            TerminateCause = (int?)packet.Integer(AttributeType.AcctTerminateCause),
            FramedAddress = Address(packet, AttributeType.FramedIpAddress),
            PortId = Text(packet, AttributeType.NasPortId),
            NasAddress = Address(packet, AttributeType.NasIpAddress),
            NasIdentifier = Text(packet, AttributeType.NasIdentifier),
        };
        return true;
    }

    /// <summary>Tunnels (9 to 14) and failures (15) of RFC 2867: to stay silent would make the device repeat them for minutes.</summary>
    static bool IsOtherKind(uint status, ref DropReason reason)
    {
        if (status is >= 9 and <= 15)
            return true;
        reason = DropReason.NoStatusType;
        return false;
    }

    static SubscriptionId? Find(ISubscribers subscribers, TenantId tenant, ReadOnlySpan<byte> userName)
        => !userName.IsEmpty && System.Text.Unicode.Utf8.IsValid(userName)
            ? subscribers.Find(tenant, Encoding.UTF8.GetString(userName))?.Subscription
            : null;

    static IPAddress? Address(in Packet packet, byte type)
        => packet.TryFind(type, out var value) && value.Length == 4 ? new IPAddress(value) : null;

    /// <summary>Text fit for a column of text, which holds no NUL.</summary>
    static string? Text(in Packet packet, byte type)
        => packet.TryFind(type, out var value) ? new OctetString(value.ToArray()).ToString() : null;
}
