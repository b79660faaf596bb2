using System.Net;

namespace IspHost.Sdk.Nas;

/// <summary>The access servers of all tenants, from memory: a change arrives within a second on every node.</summary>
[HostService]
public interface INasDevices
{
    /// <summary>The devices with this source address. More than one if tenants share it: the secret then tells them apart.</summary>
    IReadOnlyList<NasDevice> At(IPAddress source);

    /// <summary>The device with this identity, if there is one.</summary>
    NasDevice? Find(TenantId tenant, NasId nas);
}

/// <summary>An access server.</summary>
public sealed record NasDevice
{
    /// <summary>Its identity.</summary>
    public required NasId Id { get; init; }

    /// <summary>Whose it is: this decides the tenant of everything that the device sends.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Where its packets come from.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The shared secret.</summary>
    public required ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>The name of the NAS extension that speaks its dialect; empty for standard attributes alone.</summary>
    public required string Vendor { get; init; }

    /// <summary>Drop its Access-Requests that come without Message-Authenticator (CVE-2024-3596).</summary>
    public bool RequireMessageAuthenticator { get; init; } = true;

    /// <summary>The UDP port on which it takes CoA- and Disconnect-Requests.</summary>
    public int ChangePort { get; init; } = 3799;
}
