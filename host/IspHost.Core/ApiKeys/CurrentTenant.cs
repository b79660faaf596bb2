using System.Security.Claims;
using IspHost.Core.Audit;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Tenants;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.ApiKeys;

/// <summary>The tenant that the present request acts for.</summary>
sealed class CurrentTenant(IHttpContextAccessor http, TenantDirectory tenants) : ICurrentTenant
{
    public TenantId Id
        => TenantId.TryParse(User.FindFirstValue(Policies.Tenant), null, out var tenant)
            ? tenant
            : throw new InvalidOperationException("This endpoint acts for no tenant.");

    public string Actor => User.FindFirstValue(ClaimTypes.NameIdentifier) ?? "nobody";

    /// <summary>Who acts, for whom, and when by the tenant's clock.</summary>
    public Caller Caller => new(Id, Actor, tenants.Now(Id));

    ClaimsPrincipal User => http.HttpContext?.User ?? throw new InvalidOperationException("There is no request.");
}
