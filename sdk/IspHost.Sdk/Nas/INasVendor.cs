using System.Collections.Immutable;
using IspHost.Sdk.Subscribers;

namespace IspHost.Sdk.Nas;

/// <summary>Speaks a vendor's dialect of RADIUS: how its access servers are told about speeds, pools and walled gardens.</summary>
/// <remarks>
/// Called on the path of every Access-Request, so it computes only: it reads nothing and waits for nothing. An exception makes the
/// host answer with standard attributes alone.
/// </remarks>
[ExtensionPoint("nas", version: 1, DeadlineSeconds = 1)]
public interface INasVendor
{
    /// <summary>What to add to an Access-Accept so that the session runs on this profile.</summary>
    /// <param name="tenant">Whose session.</param>
    /// <param name="profile">What the session may do.</param>
    /// <param name="access">Whether it is in order, slowed down or walled in; never <see cref="AccessMode.Blocked"/>.</param>
    ImmutableArray<RadiusAttribute> Authorize(TenantId tenant, AccessProfile profile, AccessMode access);

    /// <summary>
    /// What to put into a CoA-Request so that a running session changes to this profile, or null if it must be cut instead.
    /// </summary>
    ImmutableArray<RadiusAttribute>? Change(TenantId tenant, AccessProfile profile, AccessMode access);

    /// <summary>What to put into a Disconnect-Request, beside what it always has, so that the server finds the session.</summary>
    /// <remarks>Only attributes that identify a session: with others the server must refuse (RFC 5176 section 3).</remarks>
    ImmutableArray<RadiusAttribute> Identify(TenantId tenant, SessionIdentity session);
}

/// <summary>An attribute of RFC 2865, or of a vendor inside attribute 26.</summary>
/// <param name="Vendor">The vendor's private enterprise number; 0 for a standard attribute.</param>
/// <param name="Type">The attribute's number.</param>
/// <param name="Value">0 to 253 octets, 247 inside attribute 26.</param>
public readonly record struct RadiusAttribute(uint Vendor, byte Type, ReadOnlyMemory<byte> Value)
{
    /// <summary>An attribute of RFC 2865.</summary>
    public static RadiusAttribute Text(byte type, string value) => new(0, type, System.Text.Encoding.UTF8.GetBytes(value));

    /// <summary>A vendor's attribute of type text.</summary>
    public static RadiusAttribute Text(uint vendor, byte type, string value)
        => new(vendor, type, System.Text.Encoding.UTF8.GetBytes(value));

    /// <summary>An attribute of type integer: 32 bits, most significant octet first.</summary>
    public static RadiusAttribute Integer(uint vendor, byte type, uint value)
    {
        var octets = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        return new(vendor, type, octets);
    }
}

/// <summary>What a session is called.</summary>
public sealed record SessionIdentity
{
    /// <summary>Acct-Session-Id as the server sent it.</summary>
    public required string AcctSessionId { get; init; }

    /// <summary>User-Name.</summary>
    public required string UserName { get; init; }

    /// <summary>Framed-IP-Address, if known.</summary>
    public System.Net.IPAddress? FramedAddress { get; init; }

    /// <summary>NAS-Port-Id, if known.</summary>
    public string? PortId { get; init; }
}
