using System.Collections.Immutable;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace IspHost.PluginRuntime;

/// <remarks>On the path of every Access-Request, and it only computes: a lease and the breaker, no deadline, no other thread.</remarks>
sealed class NasVendorProxy(Slot<INasVendor> slot) : INasVendor
{
    public ImmutableArray<RadiusAttribute> Authorize(TenantId tenant, AccessProfile profile, AccessMode access)
    {
        using var lease = slot.Acquire(tenant);
        try
        {
            return Succeeded(lease, lease.Target.Authorize(tenant, profile, access));
        }
        catch (Exception e) // The boundary to foreign code.
        {
            throw Failed(lease, e);
        }
    }

    public ImmutableArray<RadiusAttribute>? Change(TenantId tenant, AccessProfile profile, AccessMode access)
    {
        using var lease = slot.Acquire(tenant);
        try
        {
            return Succeeded(lease, lease.Target.Change(tenant, profile, access));
        }
        catch (Exception e) // The boundary to foreign code.
        {
            throw Failed(lease, e);
        }
    }

    public ImmutableArray<RadiusAttribute> Identify(TenantId tenant, SessionIdentity session)
    {
        using var lease = slot.Acquire(tenant);
        try
        {
            return Succeeded(lease, lease.Target.Identify(tenant, session));
        }
        catch (Exception e) // The boundary to foreign code.
        {
            throw Failed(lease, e);
        }
    }

    static TResult Succeeded<TResult>(Lease<INasVendor> lease, TResult result)
    {
        lease.Answered();
        return result;
    }

    ExtensionFailedException Failed(Lease<INasVendor> lease, Exception thrown)
    {
        slot.Metrics.Unanswered(slot.Title);
        lease.Unanswered();
        return ExtensionFailedException.Of(thrown, slot.Point, slot.Name);
    }
}
