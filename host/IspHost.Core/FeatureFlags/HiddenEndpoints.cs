using System.Security.Claims;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Flags;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.FeatureFlags;

/// <summary>Hides endpoints of the host and of plugins that are behind a flag which is off for the tenant.</summary>
sealed class HiddenEndpoints(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http, IFlags flags)
    {
        foreach (var behind in http.GetEndpoint()?.Metadata.GetOrderedMetadata<BehindFlag>() ?? [])
        {
            if (!await IsOnAsync(behind.Flag, http, flags))
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
        }
        await next(http);
    }

    /// <summary>The operator without a tenant is nobody for whom anything could be on.</summary>
    static async ValueTask<bool> IsOnAsync(string flag, HttpContext http, IFlags flags)
        => TenantId.TryParse(http.User.FindFirstValue(Policies.Tenant), null, out var tenant)
            && await flags.IsOnAsync(flag, FlagSubject.Of(tenant), http.RequestAborted);
}
