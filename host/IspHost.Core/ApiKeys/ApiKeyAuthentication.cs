using System.Security.Claims;
using System.Text.Encodings.Web;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IspHost.Core.ApiKeys;

/// <summary>Reads <c>Authorization: Bearer isp_...</c>. The operator acts for a tenant by naming it in the header <c>Tenant</c>.</summary>
sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, ApiKeyVerifier keys,
    TenantDirectory tenants)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string SchemeName = "ApiKey";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (BearerToken(Request) is not { } text)
            return AuthenticateResult.NoResult();
        if (await keys.FindAsync(text, Context.RequestAborted) is not { } owner)
            return AuthenticateResult.Fail("The API key is unknown, expired or revoked.");

        var identity = new ClaimsIdentity(Scheme.Name);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, $"key:{owner.Prefix}"));
        if (owner.Tenant is null)
            identity.AddClaim(new Claim(Policies.Operator, "true"));
        if (TenantFor(owner) is { } tenant)
            identity.AddClaim(new Claim(Policies.Tenant, tenant.ToString()));
        owner.AddTo(identity);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return RefuseAsync(Refusals.Unauthenticated, "An API key is needed: Authorization: Bearer isp_...");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var isOperator = Context.User.HasClaim(claim => claim.Type == Policies.Operator);
        if (isOperator && NamedTenant is { Length: > 0 } code && tenants.Find(code) is null)
            return RefuseAsync(Refusals.UnknownTenant, $"There is no tenant '{code}'.");
        if (!isOperator && NamedTenant.Length > 0 && !Context.User.HasClaim(claim => claim.Type == Policies.Tenant))
            return RefuseAsync(Refusals.OtherTenant, "The API key is another tenant's than the header Tenant names.");
        return Scopes.NeededBy(Context) is { } needed && !Scopes.Cover(Scopes.Of(Context.User), needed)
            ? RefuseAsync(Refusals.ScopeMissing, $"The API key lacks the scope {needed}.", needed)
            : RefuseAsync(Refusals.Forbidden, "The API key does not allow this; an operator's key may need the header Tenant.");
    }

    Task RefuseAsync(ProblemType type, string detail, string? scope = null)
        => Problems.Of(type, detail, scope is null ? null : new Dictionary<string, object?> { ["scope"] = scope }).ExecuteAsync(Context);

    public static string? BearerToken(HttpRequest request)
        => request.Headers.Authorization.ToString() is { } header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? header["Bearer ".Length..].Trim()
            : null;

    string NamedTenant => Request.Headers["Tenant"].ToString();

    /// <summary>A tenant's key acts for that tenant alone, and for nobody where the header names another.</summary>
    TenantId? TenantFor(KeyOwner owner)
        => owner.Tenant is { } own && NamedTenant.Length > 0 && TenantOfHeader() != own ? null : owner.Tenant ?? TenantOfHeader();

    TenantId? TenantOfHeader() => NamedTenant is { Length: > 0 } code ? tenants.Find(code)?.Id : null;
}
