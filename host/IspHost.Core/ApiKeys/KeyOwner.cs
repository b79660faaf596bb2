using System.Security.Claims;
using IspHost.Core.Web.Versions;
using IspHost.Sdk;
using NodaTime;
using NodaTime.Text;

namespace IspHost.Core.ApiKeys;

/// <summary>Whose key it is.</summary>
/// <param name="Prefix">The key's public part.</param>
/// <param name="Tenant">The tenant, or null for the operator.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="ExpiresAt">When it ends by itself, if it does.</param>
/// <param name="Version">Of the API: what it asks for where a request names none.</param>
sealed record KeyOwner(string Prefix, TenantId? Tenant, IReadOnlyList<string> Scopes, Instant? ExpiresAt, LocalDate Version)
{
    const string ExpiryClaim = "expires";

    /// <summary>What the key may do, for authorization.</summary>
    public void AddTo(ClaimsIdentity identity)
    {
        identity.AddClaims(Scopes.Select(scope => new Claim(Web.Scopes.Claim, scope)));
        if (ExpiresAt is { } expires)
            identity.AddClaim(new Claim(ExpiryClaim, InstantPattern.ExtendedIso.Format(expires)));
        identity.AddClaim(new Claim(RequestedVersion.Claim, RequestedVersion.TextOf(Version)));
    }

    /// <summary>The bounds of a key that the caller makes.</summary>
    public static (IReadOnlyList<string> Scopes, Instant? ExpiresAt) LimitsOf(ClaimsPrincipal caller) => (
        Web.Scopes.Of(caller),
        caller.FindFirstValue(ExpiryClaim) is { } text ? InstantPattern.ExtendedIso.Parse(text).Value : null);
}
