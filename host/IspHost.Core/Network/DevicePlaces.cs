using System.Net;

namespace IspHost.Core.Network;

/// <summary>Where an access server may be: packets are sent there, to a port that a tenant names.</summary>
sealed class DevicePlaces(NetworkOptions options)
{
    static readonly IPNetwork[] Never =
        [.. Prefixes("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8")];

    /// <summary>Clouds answer at 169.254.169.254, which is link-local, and at the other two.</summary>
    static readonly IPNetwork[] Local =
        [.. Prefixes("127.0.0.0/8", "169.254.0.0/16", "100.100.100.200/32", "::1/128", "fe80::/10", "fd00:ec2::254/128")];

    /// <summary>Why none may be there; null if it may.</summary>
    public string? FaultOf(IPAddress address)
    {
        if (Never.Any(network => network.Contains(address)))
            return "the address of one device";
        return !options.AllowLocalDevices && Local.Any(network => network.Contains(address))
            ? "an address that other machines can have: loopback, link-local and metadata addresses are the operator's to allow"
            : null;
    }

    static IEnumerable<IPNetwork> Prefixes(params string[] texts) => texts.Select(text => IPNetwork.Parse(text));
}
