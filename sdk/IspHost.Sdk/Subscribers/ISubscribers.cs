using System.Net;
using NodaTime;

namespace IspHost.Sdk.Subscribers;

/// <summary>Who may go online, from memory: a change arrives within a second on every node.</summary>
[HostService]
public interface ISubscribers
{
    /// <summary>The subscriber with this login name, if the tenant has one. Case matters.</summary>
    Subscriber? Find(TenantId tenant, string userName);

    /// <summary>The subscriber of this service, if it has a login.</summary>
    Subscriber? Find(TenantId tenant, SubscriptionId subscription);

    /// <summary>
    /// The subscriber of this service as the database has it: whatever was committed before the call is in it. The memory of this
    /// node is brought up to date on the way. For decisions that must not rest on old news, not for the path of a packet.
    /// </summary>
    ValueTask<Subscriber?> ReadAsync(TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken);

    /// <summary>Gives the service an address of each kind that its pool has, and the same again the next time.</summary>
    /// <returns>The addresses, or null if the pool has none left.</returns>
    ValueTask<AddressAssignment?> AssignAddressesAsync(TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken);
}

/// <summary>A service that can go online.</summary>
public sealed record Subscriber
{
    /// <summary>The service.</summary>
    public required SubscriptionId Subscription { get; init; }

    /// <summary>The login name.</summary>
    public required string UserName { get; init; }

    /// <summary>The password in clear, since CHAP (RFC 1994) needs it so. Never log or store it.</summary>
    public required string Password { get; init; }

    /// <summary>What a session may do.</summary>
    public required AccessProfile Profile { get; init; }

    /// <summary>The most restrictive of the locks that lie on the service.</summary>
    public AccessMode Access { get; init; }

    /// <summary>The addresses assigned so far; null if none.</summary>
    public AddressAssignment? Addresses { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(Subscriber)} {UserName}";
}

/// <summary>What a session may do: the network side of a plan.</summary>
public sealed record AccessProfile
{
    /// <summary>From the subscriber.</summary>
    public required BitRate Up { get; init; }

    /// <summary>To the subscriber.</summary>
    public required BitRate Down { get; init; }

    /// <summary>The speed of both directions while access is <see cref="AccessMode.Throttled"/>.</summary>
    public BitRate Throttled { get; init; } = BitRate.FromKilobits(512);

    /// <summary>The address pool; null if the access server gives addresses itself.</summary>
    public string? Pool { get; init; }

    /// <summary>How many sessions may run at once; 0 for any number.</summary>
    public int SessionLimit { get; init; }

    /// <summary>How often the access server reports usage: at least 60 s, better 600 s (RFC 2869 section 5.16).</summary>
    public Duration InterimInterval { get; init; } = Duration.FromMinutes(10);
}

/// <summary>How much of the network a service may reach, from all of it to none.</summary>
public enum AccessMode
{
    /// <summary>All, at the plan's speed.</summary>
    Full,

    /// <summary>All, at the throttled speed.</summary>
    Throttled,

    /// <summary>The provider's own pages only: to pay, or to read why.</summary>
    WalledGarden,

    /// <summary>None.</summary>
    Blocked,
}

/// <summary>Addresses of a service.</summary>
public sealed record AddressAssignment
{
    /// <summary>One address, for Framed-IP-Address.</summary>
    public IPAddress? V4 { get; init; }

    /// <summary>The prefix of the link, for Framed-IPv6-Prefix.</summary>
    public IPNetwork? V6 { get; init; }

    /// <summary>A prefix for the subscriber's own network, for Delegated-IPv6-Prefix (RFC 4818).</summary>
    public IPNetwork? Delegated { get; init; }
}
