using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Core.Web;

/// <summary>Answers that say what is wrong. The type is stable; the text may change.</summary>
static class Problems
{
    public static ProblemHttpResult Conflict(string type, string detail)
        => TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict, title: "Conflict", type: $"/problems/{type}");

    public static ProblemHttpResult Unprocessable(string type, string detail, IDictionary<string, object?>? more = null)
        => TypedResults.Problem(
            detail, statusCode: StatusCodes.Status422UnprocessableEntity, title: "Unprocessable", type: $"/problems/{type}",
            extensions: more);

    public static ProblemHttpResult TooLarge(string detail)
        => TypedResults.Problem(
            detail, statusCode: StatusCodes.Status413PayloadTooLarge, title: "Too large", type: "/problems/body-too-large");

    /// <summary>Goes with <c>Retry-After</c>.</summary>
    public static ProblemHttpResult DatabaseUnavailable()
        => Unavailable("database-unavailable", "The database does not answer at present.");

    /// <summary>What is missing is expected back.</summary>
    public static ProblemHttpResult Unavailable(string type, string detail)
        => TypedResults.Problem(
            detail, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Unavailable", type: $"/problems/{type}");

    /// <summary>The tenant asks for more than its share of what all share; it alone has to wait.</summary>
    public static ProblemHttpResult OverShare(string detail)
        => TypedResults.Problem(
            detail, statusCode: StatusCodes.Status429TooManyRequests, title: "Too many requests", type: "/problems/over-share");

    public static ProblemHttpResult NotFound(string type, string detail)
        => TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found", type: $"/problems/{type}");

    /// <summary>An answer without a body gets one whose type is ours and as stable as the others.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (problem.Status != StatusCodes.Status404NotFound || problem.Detail is not null)
            return;
        problem.Type = "/problems/not-found";
        problem.Detail = "There is nothing at this address, or it is another tenant's.";
    }

    /// <summary>A field breaks a rule.</summary>
    public static ProblemHttpResult Field(string field, string rule) => Fields([(field, rule)]);

    /// <summary>What a field says makes sense, but nobody could serve it.</summary>
    public static ProblemHttpResult Refused(string field, string reason)
        => TypedResults.Problem(
            $"{field}: {reason}",
            statusCode: StatusCodes.Status400BadRequest,
            title: "Invalid request",
            type: "/problems/invalid-field",
            extensions: new Dictionary<string, object?> { ["errors"] = new Dictionary<string, string> { [field] = reason } });

    public static ProblemHttpResult Fields(IReadOnlyCollection<(string Field, string Rule)> broken)
        => TypedResults.Problem(
            string.Join(' ', broken.Select(b => $"{b.Field} must be {b.Rule}.")),
            statusCode: StatusCodes.Status400BadRequest,
            title: "Invalid request",
            type: "/problems/invalid-field",
            extensions: new Dictionary<string, object?> { ["errors"] = broken.ToDictionary(b => b.Field, b => $"must be {b.Rule}") });
}

/// <summary>Collects the fields of a request that break their rules.</summary>
sealed class FieldRules
{
    readonly List<(string Field, string Rule)> broken = [];

    /// <summary>Null if all fields are in order.</summary>
    public ProblemHttpResult? Problem => broken.Count == 0 ? null : Problems.Fields(broken);

    public FieldRules Check(string field, bool holds, string rule)
    {
        if (!holds)
            broken.Add((field, rule));
        return this;
    }
}
