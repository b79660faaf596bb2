using System.Collections.Concurrent;
using System.Collections.Immutable;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using Microsoft.Extensions.Logging;

namespace IspHost.Plugins.Radius;

/// <summary>Asks the NAS extension of a device. One that fails costs its attributes, never the answer.</summary>
sealed partial class Vendors(IExtensions extensions, RadiusMetrics metrics, TimeProvider time, ILogger<Vendors> log)
{
    static readonly TimeSpan LogPause = TimeSpan.FromMinutes(1);

    /// <summary>A device asks with every packet: what is wrong with its vendor is counted each time, and said once a minute.</summary>
    readonly ConcurrentDictionary<(NasId Device, string Vendor), long> loggedAt = [];

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
            if (extensions.Find<INasVendor>(device.Vendor) is { } vendor)
                return question(vendor);
            Complain(device, "no plugin offers it", null);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The boundary to another plugin: whatever it throws, the subscriber still gets the standard attributes.
            Complain(device, failure.Message, failure);
        }
        return otherwise;
    }

    void Complain(NasDevice device, string reason, Exception? failure)
    {
        metrics.VendorFailed(device.Vendor);
        var (key, now) = ((device.Id, device.Vendor), time.GetTimestamp());
        if (loggedAt.TryGetValue(key, out var last) ? time.GetElapsedTime(last, now) < LogPause || !loggedAt.TryUpdate(key, now, last)
            : !loggedAt.TryAdd(key, now))
            return;
        LogFailed(device.Vendor, device.Id, reason, failure);
    }

    [LoggerMessage(LogLevel.Warning, "The NAS extension {Vendor} did nothing for device {Nas}: {Reason}")]
    partial void LogFailed(string vendor, NasId nas, string reason, Exception? failure);
}
