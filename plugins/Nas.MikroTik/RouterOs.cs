using System.Collections.Immutable;
using System.Net.Sockets;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace IspHost.Plugins.Nas.MikroTik;

/// <summary>RouterOS.</summary>
/// <remarks>
/// Each session is in one of two address lists. A change names the list again, so the router takes it out of the other; a list
/// that was only ever added could not be left without cutting the session.
/// </remarks>
sealed class RouterOs(AddressLists lists) : INasVendor
{
    const uint Vendor = 14988;
    const byte RateLimit = 8;
    const byte AddressList = 19;

    const byte UserName = 1;
    const byte FramedIpAddress = 8;
    const byte AcctSessionId = 44;

    public ImmutableArray<RadiusAttribute> Authorize(TenantId tenant, AccessProfile profile, AccessMode access)
        => Describe(profile, access);

    public ImmutableArray<RadiusAttribute>? Change(TenantId tenant, AccessProfile profile, AccessMode access)
        => Describe(profile, access);

    /// <summary>The router looks for a session that has all that is named here, so what may have changed is left out.</summary>
    public ImmutableArray<RadiusAttribute> Identify(TenantId tenant, SessionIdentity session)
    {
        var attributes = ImmutableArray.CreateBuilder<RadiusAttribute>();
        attributes.Add(RadiusAttribute.Text(AcctSessionId, session.AcctSessionId));
        attributes.Add(RadiusAttribute.Text(UserName, session.UserName));
        if (session.FramedAddress is { AddressFamily: AddressFamily.InterNetwork } address)
            attributes.Add(new RadiusAttribute(0, FramedIpAddress, address.GetAddressBytes()));
        attributes.RemoveAll(attribute => attribute.Value.Length is 0 or > 253);
        return attributes.ToImmutable();
    }

    ImmutableArray<RadiusAttribute> Describe(AccessProfile profile, AccessMode access)
    {
        var list = access == AccessMode.WalledGarden ? lists.WalledGarden : lists.Online;
        return
        [
            RadiusAttribute.Text(Vendor, RateLimit, Rates(profile, access)),
            RadiusAttribute.Text(Vendor, AddressList, list),
        ];
    }

    /// <summary>"rx/tx" as the router sees it: it receives what the subscriber sends. 0 is no limit.</summary>
    static string Rates(AccessProfile profile, AccessMode access) => access == AccessMode.Throttled
        ? $"{Slower(profile.Up, profile.Throttled)}/{Slower(profile.Down, profile.Throttled)}"
        : $"{profile.Up}/{profile.Down}";

    /// <summary>The throttled speed, unless the plan is slower yet.</summary>
    static BitRate Slower(BitRate plan, BitRate throttled)
        => throttled == default || (plan != default && plan < throttled) ? plan : throttled;
}
