using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Core.Web;

/// <summary>The refusals that any endpoint may answer with. What is an endpoint's own stands beside it.</summary>
static class Refusals
{
    public static readonly ProblemType MalformedRequest = new(
        "malformed-request", StatusCodes.Status400BadRequest, "Invalid request",
        "The request breaks the rules of HTTP itself, and was not read.");

    public static readonly ProblemType Unauthenticated = new(
        "unauthenticated", StatusCodes.Status401Unauthorized, "No key",
        "The request carries no API key, or one that is unknown, expired or revoked. Send `Authorization: Bearer isp_...`. A key that is "
        + "revoked may still be taken for 5 seconds.");

    public static readonly ProblemType Forbidden = new(
        "forbidden", StatusCodes.Status403Forbidden, "Not allowed",
        "The key is another kind than this needs: some endpoints are the operator's, and at those of tenants the operator's key names one "
        + "in the header `Tenant`.");

    public static readonly ProblemType ScopeMissing = new(
        "scope-missing", StatusCodes.Status403Forbidden, "Not allowed",
        "The key lacks the scope that `scope` names: use another, or have one made with it.");

    public static readonly ProblemType OtherTenant = new(
        "other-tenant", StatusCodes.Status403Forbidden, "Not allowed",
        "The header `Tenant` names another tenant than the key belongs to. Leave it out: a tenant's key acts for that tenant alone.");

    public static readonly ProblemType UnknownTenant = new(
        "unknown-tenant", StatusCodes.Status404NotFound, "Not found", "The header `Tenant` names a tenant that is not there.");

    public static readonly ProblemType NotFound = new(
        "not-found", StatusCodes.Status404NotFound, "Not found", "There is nothing at this address, or it is another tenant's.");

    public static readonly ProblemType NotInVersion = new(
        "not-in-version", StatusCodes.Status404NotFound, "Not found",
        "The operation ended with the version of the API that was asked for; `detail` names the one to call instead.");

    public static readonly ProblemType VersionEnded = new(
        "api-version-ended", StatusCodes.Status410Gone, "Ended",
        "The version of the API that was asked for is not served any more. `/versions` says what has changed since.");

    public static readonly ProblemType MethodNotAllowed = new(
        "method-not-allowed", StatusCodes.Status405MethodNotAllowed, "Method not allowed",
        "The address exists, and knows other methods: the header `Allow` names them.");

    public static readonly ProblemType ChangedMeanwhile = new(
        "changed-meanwhile", StatusCodes.Status409Conflict, "Conflict",
        "Somebody else changed the same thing at the same moment, and nothing was done. Read it again and repeat the request.");

    public static readonly ProblemType RequestInProgress = new(
        "request-in-progress", StatusCodes.Status409Conflict, "Conflict",
        "A request with the same `Idempotency-Key` is being worked on. Ask again; after a minute at the latest it is answered, or somebody "
        + "else may do the work.");

    public static readonly ProblemType PreconditionFailed = new(
        "precondition-failed", StatusCodes.Status412PreconditionFailed, "Changed since",
        "What you want to change is no more what `If-Match` says. Read it again, decide anew, and send its new `ETag`.");

    public static readonly ProblemType BodyTooLarge = new(
        "body-too-large", StatusCodes.Status413PayloadTooLarge, "Too large",
        "The body is larger than the endpoint takes: 4 MB, 1 MB with an `Idempotency-Key`, 32 MB for an import.");

    public static readonly ProblemType UnsupportedMediaType = new(
        "unsupported-media-type", StatusCodes.Status415UnsupportedMediaType, "Unsupported media type",
        "The body is not of a kind that the endpoint reads. Send `Content-Type: application/json`, where the document names no other.");

    public static readonly ProblemType KeyReused = new(
        "idempotency-key-reused", StatusCodes.Status422UnprocessableEntity, "Unprocessable",
        "The `Idempotency-Key` was used before with another request. Take a new key for each thing that is to happen.");

    public static readonly ProblemType TooManyRequests = new(
        "too-many-requests", StatusCodes.Status429TooManyRequests, "Too many requests",
        "This key, or this address without a known key, asks for more than its share. Wait as long as `Retry-After` says.");

    public static readonly ProblemType OverShare = new(
        "over-share", StatusCodes.Status429TooManyRequests, "Too many requests",
        "The tenant has as much of a kind of work under way as it may. Wait as long as `Retry-After` says.");

    public static readonly ProblemType Cancelled = new(
        "cancelled", StatusCodes.Status499ClientClosedRequest, "Cancelled", "The caller went away before there was an answer.");

    public static readonly ProblemType Internal = new(
        "internal", StatusCodes.Status500InternalServerError, "Fault of the server",
        "The server could not handle the request, by a fault of its own. Its log says why, under the `trace_id` of the answer.");

    public static readonly ProblemType DatabaseUnavailable = new(
        "database-unavailable", StatusCodes.Status503ServiceUnavailable, "Unavailable",
        "The database does not answer at present. Send the request again after `Retry-After`; a POST with its `Idempotency-Key`.");

    public static readonly ProblemType ExtensionUnavailable = new(
        "extension-unavailable", StatusCodes.Status503ServiceUnavailable, "Unavailable",
        "The plugin that serves this is being replaced, or its database does not answer. Try again after `Retry-After`.");

    public static readonly ProblemType TimedOut = new(
        "timed-out", StatusCodes.Status504GatewayTimeout, "Timed out",
        "The request took too long and was given up. Whether it had an effect is not known: send a POST again with its `Idempotency-Key`.");

    /// <summary>A refusal that has no more to say than its kind.</summary>
    public static ProblemHttpResult Of(ProblemType type) => Problems.Of(type, type.Meaning);

    /// <summary>All of them, and that of a field.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        Problems.InvalidField, MalformedRequest, Unauthenticated, Forbidden, ScopeMissing, OtherTenant, UnknownTenant, NotFound,
        MethodNotAllowed, ChangedMeanwhile, RequestInProgress, PreconditionFailed, BodyTooLarge, UnsupportedMediaType, KeyReused,
        TooManyRequests, OverShare, Cancelled, Internal, DatabaseUnavailable, ExtensionUnavailable, TimedOut, VersionEnded,
        NotInVersion,
    ];

    /// <summary>An answer whose status alone was set, by routing for example, gets a type of ours, as stable as the others.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (problem.Type?.StartsWith("/problems/", StringComparison.Ordinal) is true
            || All.FirstOrDefault(type => type.Status == problem.Status && IsOfStatusAlone(type)) is not { } type)
            return;
        (problem.Type, problem.Title, problem.Detail) = (type.Address, type.Title, problem.Detail ?? type.Meaning);
    }

    static bool IsOfStatusAlone(ProblemType type)
        => type == NotFound || type == MethodNotAllowed || type == UnsupportedMediaType || type == MalformedRequest || type == Internal
            || type == BodyTooLarge;
}
