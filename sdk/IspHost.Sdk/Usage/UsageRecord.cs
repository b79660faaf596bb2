using NodaTime;

namespace IspHost.Sdk.Usage;

/// <summary>A fact: what a service used between two instants. Storing it twice is the same as once.</summary>
public sealed record UsageRecord
{
    /// <summary>
    /// Made from what was measured, so that the same measurement has the same one. With <see cref="Start"/> it is the key.
    /// </summary>
    public required Guid Id { get; init; }

    /// <summary>The service.</summary>
    public required SubscriptionId Subscription { get; init; }

    /// <summary>When it began.</summary>
    public required Instant Start { get; init; }

    /// <summary>When it ended; in the same hour as <see cref="Start"/> by the clocks of the tenant's zone.</summary>
    public required Instant End { get; init; }

    /// <summary>From the subscriber.</summary>
    public required DataVolume Up { get; init; }

    /// <summary>To the subscriber.</summary>
    public required DataVolume Down { get; init; }
}

/// <summary>Reads usage for billing.</summary>
[HostService]
public interface IUsage
{
    /// <summary>What these services used on these days of the tenant's zone.</summary>
    /// <param name="tenant">Whose services.</param>
    /// <param name="subscriptions">At most 1,000.</param>
    /// <param name="days">Which days, at most 400.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <returns>One entry for each service and clock hour that had usage, by service, then hour.</returns>
    Task<IReadOnlyList<HourlyUsage>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<SubscriptionId> subscriptions, DateRange days, CancellationToken cancellationToken);
}

/// <summary>The usage of one service in one clock hour.</summary>
/// <param name="Subscription">The service.</param>
/// <param name="Hour">When the hour began, with the offset of the tenant's zone at that instant.</param>
/// <param name="Up">From the subscriber.</param>
/// <param name="Down">To the subscriber.</param>
public readonly record struct HourlyUsage(SubscriptionId Subscription, OffsetDateTime Hour, DataVolume Up, DataVolume Down);
