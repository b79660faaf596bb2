using System.Collections.Concurrent;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Subscribers;
using Microsoft.Extensions.Logging;

namespace IspHost.Plugins.Radius.Sessions;

/// <summary>Sets the tenants' watches going, and hurries them.</summary>
sealed class SessionWatches(IActors actors, ISubscribers subscribers, ILogger<SessionWatches> log)
{
    readonly ConcurrentDictionary<TenantId, bool> going = [];

    /// <summary>To be told of what has been stored.</summary>
    public async Task SeeAsync(TenantId tenant, IEnumerable<AccountingRecord> stored, CancellationToken stop)
    {
        var isFirst = going.TryAdd(tenant, true);
        if (!isFirst && !stored.Any(record => record.IsBoot || IsBegunByOldNews(tenant, record)))
            return;
        try
        {
            await actors.SendAsync(
                tenant, SessionWatch.ActorType, "rounds", new Envelope(SessionWatch.HurrySchema, 1, "{}"u8.ToArray()), stop);
        }
        catch (Exception failure) when (failure is not OperationCanceledException and not OutOfMemoryException)
        {
            // The boundary to the cluster. The records are stored and acknowledged; the watch comes round without being told.
            log.LogWarning(failure, "The watch over the sessions of tenant {Tenant} could not be hurried.", tenant);
            if (isFirst)
                going.TryRemove(tenant, out _);
        }
    }

    /// <summary>Later records bring the same Class, whatever the session has been changed to since.</summary>
    bool IsBegunByOldNews(TenantId tenant, AccountingRecord record)
        => record is { Status: AccountingStatus.Start, Granted: { } granted, Subscription: { } subscription }
            && Grant.IsOutdated(granted, Grant.Of(subscribers.Find(tenant, subscription)));
}
