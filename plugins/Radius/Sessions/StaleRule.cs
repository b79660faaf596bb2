using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using NodaTime;

namespace IspHost.Plugins.Radius.Sessions;

/// <summary>When a session without interims counts as stale.</summary>
sealed class StaleRule(ITenants tenants, ISubscribers subscribers, RadiusSettings settings)
{
    /// <summary>A session of this service whose last sign of life is before this has missed its interims.</summary>
    public Instant Before(TenantId tenant, SubscriptionId? service)
    {
        var profile = service is { } subscription ? subscribers.Find(tenant, subscription)?.Profile : null;
        return tenants.Now(tenant) - settings.StaleAfterIntervals * (profile?.InterimInterval ?? Duration.FromMinutes(10));
    }
}
