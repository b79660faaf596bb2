using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Web;

/// <summary>Turns what gets out of an endpoint into a problem document. What went wrong inside stays in the log.</summary>
sealed class ExceptionAnswers : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            BadHttpRequestException { InnerException: JsonException json } => Problems.Field(FieldOf(json), RuleOf(json)),
            BadHttpRequestException bad => TypedResults.Problem(
                bad.Message, statusCode: bad.StatusCode, title: "Invalid request", type: "/problems/malformed-request"),
            OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested => TypedResults.Problem(
                statusCode: StatusCodes.Status499ClientClosedRequest, type: "/problems/cancelled"),
            _ => TypedResults.Problem(
                "The request could not be handled; the log says why.", statusCode: StatusCodes.Status500InternalServerError,
                type: "/problems/internal"),
        };
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>The path of the JSON reader, <c>$.price.recurring</c>, without its root.</summary>
    static string FieldOf(JsonException cause) => cause.Path is { Length: > 2 } path ? path[2..] : "body";

    static string RuleOf(JsonException cause)
        => cause.Message.Contains("missing required properties", StringComparison.Ordinal)
            ? $"complete: {cause.Message[(cause.Message.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim().TrimEnd('.')} is missing"
            : $"valid JSON of its type{(cause.LineNumber is { } line ? $" (line {line + 1})" : "")}";
}
