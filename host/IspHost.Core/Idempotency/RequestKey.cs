using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using IspHost.Core.Web;
using IspHost.Core.Web.Versions;
using IspHost.Sdk;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using NodaTime;

namespace IspHost.Core.Idempotency;

/// <summary>A request that carries an <c>Idempotency-Key</c>.</summary>
/// <param name="Tenant">Whose; null for the operator, who is above tenants.</param>
/// <param name="Key">The key and the path it was used on, as a hash: its length does not grow with theirs.</param>
/// <param name="RequestHash">What was asked: version of the API, query and body.</param>
/// <param name="Claim">Tells this attempt from others with the same key.</param>
sealed record RequestKey(TenantId? Tenant, byte[] Key, byte[] RequestHash, Guid Claim)
{
    /// <summary>The same for all attempts: another process may have made the first one.</summary>
    public Guid Id { get; } = new(SHA256.HashData([.. Key, .. RequestHash]).AsSpan(0, 16), bigEndian: true);

    /// <summary>Whether the answer is written already, in the transaction of the work.</summary>
    public bool IsAnswered { get; set; }

    public static RequestKey Of(HttpRequest request, TenantId? tenant, string header, ReadOnlyMemory<byte> body) => new(
        tenant,
        SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Path}\n{header}")),
        SHA256.HashData([.. Encoding.UTF8.GetBytes($"{VersionOf(request)}\n{request.QueryString}\n"), .. body.Span]),
        Guid.CreateVersion7());

    static LocalDate? VersionOf(HttpRequest request) => request.HttpContext.Features.Get<RequestedVersion>()?.Date;

    /// <summary>Whose the request is, if it is anybody's.</summary>
    /// <remarks>The operator may name a tenant on an endpoint of its own, which acts for none.</remarks>
    public static bool TryFindOwner(HttpContext http, out TenantId? tenant)
    {
        tenant = null;
        if (http.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(needed => needed.Policy == Policies.Operator) is true)
            return true;
        if (!TenantId.TryParse(http.User.FindFirstValue(Policies.Tenant), null, out var named))
            return false;
        tenant = named;
        return true;
    }
}
