using System.ComponentModel.DataAnnotations;
using IspHost.Core.Web;
using IspHost.Core.Web.Versions;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace IspHost.Core.ApiKeys;

/// <summary>What a new key is made from.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Scopes">What it may do; by default what the key may that makes it.</param>
/// <param name="ExpiresAt">When it ends; by default when the key ends that makes it, which may be never.</param>
/// <param name="ApiVersion">The version of the API that it asks for where a request names none; by default the current one.</param>
public sealed record NewApiKey(
    [Line(100)] string Name, [Length(1, NewApiKey.MostScopes)] IReadOnlyList<string>? Scopes = null, Instant? ExpiresAt = null,
    LocalDate? ApiVersion = null)
{
    internal const int MostScopes = 50;

    /// <summary>With what was left out, or why there can be no such key.</summary>
    internal (NewApiKey? Key, ProblemHttpResult? Problem) Completed(
        (IReadOnlyList<string> Scopes, Instant? ExpiresAt) maker, EndpointDataSource endpoints, KnownVersions versions, Instant now)
    {
        var areas = endpoints.Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<ScopeArea>()?.Name).OfType<string>().ToHashSet();
        var wanted = Scopes ?? maker.Scopes;
        var until = ExpiresAt ?? maker.ExpiresAt;
        var rules = new FieldRules()
            .Check("scopes", wanted.All(scope => Web.Scopes.IsScope(scope, areas)),
                $"all, read, AREA:read or AREA:write, with an AREA of {string.Join(", ", areas.Order(StringComparer.Ordinal))}")
            .Check("expires_at", until is null || until > now, "in the future")
            .Check("api_version", ApiVersion is not { } version || versions.IsServed(version), versions.Rule);
        if (rules.Problem is { } problem)
            return (null, problem);
        if (wanted.FirstOrDefault(scope => !Web.Scopes.Cover(maker.Scopes, scope)) is { } more)
            return (null, Problems.Field("scopes", $"at most those of the key that makes it, which has not {more}"));
        if (maker.ExpiresAt is { } end && until > end)
            return (null, Problems.Field("expires_at", $"at most when the key ends that makes it, {end}"));
        return (this with
        {
            Scopes = [.. wanted.Distinct()],
            ExpiresAt = until,
            ApiVersion = ApiVersion ?? versions.Current.Version,
        }, null);
    }
}

/// <summary>A new key. Its text is shown this once and stored nowhere.</summary>
/// <param name="Prefix">Its public part.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="ExpiresAt">When it ends by itself, if it does.</param>
/// <param name="ApiVersion">The version of the API that it asks for where a request names none.</param>
/// <param name="Key">Its text; absent in the answer to a repeated request.</param>
/// <param name="Note">Why there is no text.</param>
public sealed record IssuedApiKeyView(
    string Prefix, string Name, IReadOnlyList<string> Scopes, Instant? ExpiresAt, LocalDate ApiVersion, string? Key, string? Note = null)
{
    /// <inheritdoc/>
    public override string ToString() => Prefix;

    /// <summary>What a repeated request is told.</summary>
    internal IssuedApiKeyView WithoutKey() => this with
    {
        Key = null,
        Note = "The key was shown in the first answer to this request and is stored nowhere: "
            + "if it is lost, revoke this one and make another.",
    };
}

/// <summary>A key, without its secret.</summary>
/// <param name="Prefix">By which it is known.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends by itself, if it does.</param>
/// <param name="LastUsedAt">When it was used last, to about a minute.</param>
/// <param name="RevokedAt">When it was ended.</param>
/// <param name="ApiVersion">The version of the API that it asks for where a request names none.</param>
public sealed record ApiKeyView(
    string Prefix, string Name, IReadOnlyList<string> Scopes, Instant CreatedAt, Instant? ExpiresAt, Instant? LastUsedAt,
    Instant? RevokedAt, LocalDate ApiVersion);

/// <summary>What can be changed about a key.</summary>
/// <param name="ApiVersion">The version of the API that it asks for where a request names none.</param>
public sealed record ApiKeyChange(LocalDate ApiVersion);
