using System.Net;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Web;

/// <summary>Where a request comes from.</summary>
public static class Callers
{
    /// <summary>Whether somebody on this machine asks. A proxy speaks for somebody else, and says so in a header.</summary>
    public static bool IsOfThisMachine(HttpContext http)
        => http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
            && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded");
}
