using System.Collections.Immutable;
using System.Net.Sockets;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace HelloNas;

// begin vendor
/// <summary>Access servers that understand the attributes of the Wi-Fi Alliance's WISPr, as most hotspot gateways do.</summary>
/// <param name="walledGarden">Where a browser is sent in the walled garden.</param>
public sealed class WisprNas(string walledGarden) : INasVendor
{
    const uint Wispr = 14122;
    const byte RedirectionUrl = 4, BandwidthMaxUp = 7, BandwidthMaxDown = 8;
    const byte FramedIpAddress = 8, NasPortId = 87;

    /// <inheritdoc/>
    public ImmutableArray<RadiusAttribute> Authorize(TenantId tenant, AccessProfile profile, AccessMode access) => access switch
    {
        AccessMode.Throttled => Speeds(profile.Throttled, profile.Throttled),
        AccessMode.WalledGarden
            => [.. Speeds(profile.Throttled, profile.Throttled), RadiusAttribute.Text(Wispr, RedirectionUrl, walledGarden)],
        _ => Speeds(profile.Up, profile.Down),
    };

    /// <summary>Speeds change while a session runs; a redirection is read only when one starts, so such a session is cut.</summary>
    public ImmutableArray<RadiusAttribute>? Change(TenantId tenant, AccessProfile profile, AccessMode access)
        => access == AccessMode.WalledGarden ? null : Authorize(tenant, profile, access);

    /// <inheritdoc/>
    public ImmutableArray<RadiusAttribute> Identify(TenantId tenant, SessionIdentity session)
    {
        var found = ImmutableArray.CreateBuilder<RadiusAttribute>();
        if (session.FramedAddress is { AddressFamily: AddressFamily.InterNetwork } address)
            found.Add(new RadiusAttribute(0, FramedIpAddress, address.GetAddressBytes()));
        if (session.PortId is { } port)
            found.Add(RadiusAttribute.Text(NasPortId, port));
        return found.ToImmutable();
    }

    static ImmutableArray<RadiusAttribute> Speeds(BitRate up, BitRate down)
        => [.. Speed(BandwidthMaxUp, up), .. Speed(BandwidthMaxDown, down)];

    /// <summary>Bits a second in 32 bits: 4.29 Gbit/s is as fast as it goes. No speed set means no limit, and no attribute.</summary>
    static ImmutableArray<RadiusAttribute> Speed(byte type, BitRate speed)
        => speed == default ? [] : [RadiusAttribute.Integer(Wispr, type, (uint)Math.Min(speed.BitsPerSecond, uint.MaxValue))];
}
// end vendor
