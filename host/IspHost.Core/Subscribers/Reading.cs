using IspHost.Core.Changes;
using IspHost.Sdk;

namespace IspHost.Core.Subscribers;

/// <summary>Subscribers as they were at one moment.</summary>
/// <param name="At">The moment, the same for all.</param>
/// <param name="Found">Those that are there.</param>
/// <param name="Gone">Those that were asked for and have ended, have no contract, or cannot be read.</param>
/// <param name="Last">The last service that was looked at; null if there was none.</param>
sealed record Reading(
    Moment At, IReadOnlyList<KnownSubscriber> Found, IReadOnlyList<SubscriptionId> Gone, SubscriptionId? Last);
