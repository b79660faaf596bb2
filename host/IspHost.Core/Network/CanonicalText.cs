using System.Net;

namespace IspHost.Core.Network;

/// <summary>Addresses and prefixes in the one way to write each: the way in which they are shown again.</summary>
/// <remarks>
/// The parsers read more than people mean: <c>010.9.8.7</c> as octal, <c>10.9</c> as 10.0.0.9, <c>100.64.8.5/22</c> without what is
/// behind the 22nd bit. What would be stored as something else than it says is refused, and the reason says what it was read as.
/// </remarks>
static class CanonicalText
{
    /// <summary>Why the text is not an address in its canonical form; null if it is.</summary>
    public static string? FaultOfAddress(string? text, out IPAddress address)
    {
        address = IPAddress.None;
        if (!IPAddress.TryParse(text, out var read))
            return "an IP address, such as 10.9.8.7 or 2001:db8::1";
        address = read.IsIPv4MappedToIPv6 ? read.MapToIPv4() : read;
        if (address is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6, ScopeId: not 0 })
            return "an IP address without a zone";
        return address.ToString() == text ? null : $"an IP address in its canonical form; this reads as {address}";
    }

    /// <summary>Why the text is not a prefix in its canonical form; null if it is.</summary>
    public static string? FaultOfPrefix(string? text, out IPNetwork prefix)
    {
        if (!IPNetwork.TryParse(text, out prefix) || prefix.BaseAddress.IsIPv4MappedToIPv6)
            return "a prefix, such as 100.64.0.0/20 or 2001:db8::/40";
        return prefix.ToString() == text ? null : $"a prefix in its canonical form, without host bits; this reads as {prefix}";
    }
}
