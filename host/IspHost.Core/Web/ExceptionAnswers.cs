using IspHost.Core.Database;
using IspHost.Sdk;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Web;

/// <summary>Turns what gets out of an endpoint into a problem document. What went wrong inside stays in the log.</summary>
sealed class ExceptionAnswers(ILogger<ExceptionAnswers> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (DatabaseAway.Is(exception) || exception is ExtensionUnavailableException)
            httpContext.Response.Headers.RetryAfter = "1";
        var problem = exception switch
        {
            _ when DatabaseAway.Is(exception) => Away(httpContext, exception),
            ExtensionUnavailableException => Problems.Of(Refusals.ExtensionUnavailable, exception.Message),
            BadHttpRequestException bad => BadRequests.Explain(bad),
            OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested => Refusals.Of(Refusals.Cancelled),
            _ => Internal(httpContext, exception),
        };
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>The database is away or too slow. Nothing was done, or the client cannot know and asks again with its key.</summary>
    ProblemHttpResult Away(HttpContext http, Exception cause)
    {
        log.LogWarning("{Method} {Path}: the database did not answer: {Cause}", http.Request.Method, http.Request.Path, cause.Message);
        return Problems.Of(Refusals.DatabaseUnavailable, "The database does not answer at present.");
    }

    /// <summary>The framework logs nothing that a handler has answered, so this does.</summary>
    ProblemHttpResult Internal(HttpContext http, Exception exception)
    {
        log.LogError(exception, "{Method} {Path} failed", http.Request.Method, http.Request.Path);
        return Problems.Of(Refusals.Internal, "The request could not be handled; the log says why.");
    }
}
