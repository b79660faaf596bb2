using System.Collections.Immutable;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using Microsoft.Extensions.Logging;

namespace IspHost.Plugins.Radius;

/// <summary>Asks the NAS extension of a device. One that fails costs its attributes, never the answer.</summary>
sealed class Vendors(IExtensions extensions, RadiusMetrics metrics, ILogger<Vendors> log)
{
    /// <summary>What to add to an Access-Accept; nothing for a device without a vendor.</summary>
    public ImmutableArray<RadiusAttribute> Authorize(NasDevice device, AccessProfile profile, AccessMode access)
        => Ask(device, vendor => vendor.Authorize(device.Tenant, profile, access), []);

    /// <summary>What a CoA-Request has to hold; null if the session must be cut instead.</summary>
    public ImmutableArray<RadiusAttribute>? Change(NasDevice device, AccessProfile profile, AccessMode access)
        => Ask(device, vendor => vendor.Change(device.Tenant, profile, access), null);

    /// <summary>How the device finds a session; null if it has no vendor to say so.</summary>
    public ImmutableArray<RadiusAttribute>? Identify(NasDevice device, SessionIdentity session)
        => Ask<ImmutableArray<RadiusAttribute>?>(device, vendor => vendor.Identify(device.Tenant, session), null);

    T Ask<T>(NasDevice device, Func<INasVendor, T> question, T otherwise)
    {
        if (device.Vendor.Length == 0)
            return otherwise;
        try
        {
            return question(extensions.Get<INasVendor>(device.Vendor));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The boundary to another plugin: whatever it throws, the subscriber still gets the standard attributes.
            metrics.VendorFailed(device.Vendor);
            log.LogWarning(failure, "The NAS extension {Vendor} failed for device {Nas}.", device.Vendor, device.Id);
            return otherwise;
        }
    }
}
