using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Core.Web;

/// <summary>Who may call an endpoint. One that says nothing is refused to everybody.</summary>
public static class ScopedRoutes
{
    const string OperatorArea = "operator";

    /// <summary>For keys of a tenant, or the operator's with a <c>Tenant</c> header, whose scopes cover the area.</summary>
    public static T ForTenants<T>(this T endpoints, string area) where T : IEndpointConventionBuilder
        => endpoints.WithMetadata(new AuthorizeAttribute(Policies.Tenant), new ScopeArea(area));

    /// <summary>For keys of the operator whose scopes cover <c>operator</c>.</summary>
    public static T ForOperators<T>(this T endpoints) where T : IEndpointConventionBuilder
        => endpoints.WithMetadata(new AuthorizeAttribute(Policies.Operator), new ScopeArea(OperatorArea));

    /// <summary>For whoever watches the node: from this machine, or with a key of the operator that may read.</summary>
    public static T ForWatchers<T>(this T endpoints) where T : IEndpointConventionBuilder
        => endpoints.WithMetadata(new AuthorizeAttribute(Policies.Watcher), new ScopeArea(OperatorArea));

    /// <summary>The policies that hold it together.</summary>
    internal static void AddScopes(this AuthorizationBuilder authorization)
        => authorization
            .AddPolicy(Policies.Operator, policy => policy
                .RequireClaim(Policies.Operator).AddRequirements(new ScopeRequirement()))
            .AddPolicy(Policies.Tenant, policy => policy
                .RequireClaim(Policies.Tenant).AddRequirements(new ScopeRequirement()))
            .AddPolicy(Policies.Watcher, policy => policy.RequireAssertion(context => IsWatcher(context)))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder()
                // What is not there may be not found; routing's own answers, such as 405 and 415, have no route.
                .RequireAssertion(context => context.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint)
                .Build());

    static bool IsWatcher(AuthorizationHandlerContext context)
        => context.Resource is HttpContext http
            && (Callers.IsOfThisMachine(http)
                || (context.User.HasClaim(claim => claim.Type == Policies.Operator)
                    && Scopes.Cover(Scopes.Of(context.User), $"{OperatorArea}:read")));
}
