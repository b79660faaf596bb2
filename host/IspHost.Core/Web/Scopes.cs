using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Web;

/// <summary>
/// What a key may do: <c>AREA:read</c> and <c>AREA:write</c>, such as <c>customers:write</c>; <c>read</c> is to read everything,
/// <c>all</c> is everything. To write is not to read.
/// </summary>
static partial class Scopes
{
    public const string All = "all";
    public const string Read = "read";
    public const string Claim = "scope";

    /// <summary>The scope that the endpoint of a request needs; null if the endpoint names none.</summary>
    public static string? NeededBy(HttpContext http)
        => http.GetEndpoint()?.Metadata.GetMetadata<ScopeArea>() is { } area
            ? $"{area.Name}:{(IsReading(http.Request.Method) ? "read" : "write")}"
            : null;

    public static IReadOnlyList<string> Of(ClaimsPrincipal caller) => [.. caller.FindAll(Claim).Select(claim => claim.Value)];

    public static bool Cover(IReadOnlyList<string> granted, string scope)
        => granted.Any(one => one == All || one == scope || (one == Read && scope.EndsWith(":read", StringComparison.Ordinal)));

    /// <summary>Whether a text has the form of a scope, for one of these areas.</summary>
    public static bool IsScope(string? text, IReadOnlyCollection<string> areas)
        => text is All or Read
            || (text is not null && Form().Match(text) is { Success: true } match && areas.Contains(match.Groups["area"].Value));

    static bool IsReading(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    [GeneratedRegex("^(?<area>[a-z0-9-]+):(read|write)$")]
    private static partial Regex Form();
}

/// <summary>Stands on an endpoint: the area whose scopes it needs, to read for GET and HEAD, to write for all others.</summary>
public sealed record ScopeArea(string Name);

/// <summary>Lets a key through whose scopes cover what the endpoint needs. An endpoint that names nothing lets nobody through.</summary>
sealed class ScopeRequirement : AuthorizationHandler<ScopeRequirement>, IAuthorizationRequirement
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        if (context.Resource is HttpContext http && Scopes.NeededBy(http) is { } needed && Scopes.Cover(Scopes.Of(context.User), needed))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
