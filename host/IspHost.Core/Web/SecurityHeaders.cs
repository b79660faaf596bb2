using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Web;

/// <summary>Tells browsers to run and load nothing but our own, on every answer; an endpoint that needs more says so itself.</summary>
sealed class SecurityHeaders(RequestDelegate next)
{
    const string Policy =
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext http)
    {
        http.Response.OnStarting(static state =>
        {
            var headers = ((HttpContext)state).Response.Headers;
            headers.TryAdd("Content-Security-Policy", Policy);
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers.TryAdd("Cache-Control", "no-store");
            return Task.CompletedTask;
        }, http);
        return next(http);
    }
}
