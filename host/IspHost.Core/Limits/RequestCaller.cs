using System.Net;
using System.Net.Sockets;
using IspHost.Core.ApiKeys;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Limits;

/// <summary>Who a request is counted for, before anybody has asked the database whose key it brings.</summary>
/// <remarks>A key that was not seen to be right yet counts for its address: made-up keys are free, addresses are not.</remarks>
static class RequestCaller
{
    public static string Of(HttpContext http, ApiKeyVerifier keys)
        => keys.FindKnown(http.Request) is { } key ? $"key {key.Prefix}" : AddressOf(http);

    public static string TenantOf(HttpContext http, ApiKeyVerifier keys)
        => keys.FindKnown(http.Request) is { } key
            ? $"tenant {(key.Tenant == KeyText.Operator ? http.Request.Headers["Tenant"].ToString() : key.Tenant)}"
            : AddressOf(http);

    /// <summary>Of IPv6 the first half: the other is the customer's to choose.</summary>
    static string AddressOf(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily is AddressFamily.InterNetworkV6
            ? $"net {Convert.ToHexString(address.GetAddressBytes().AsSpan(..8))}"
            : $"address {address}";
    }
}
