using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Web;

/// <summary>Answers HEAD wherever GET is answered, with the same headers and without the body (RFC 9110 section 9.3.2).</summary>
sealed class HeadRequests(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await next(http);
            return;
        }
        var body = http.Response.Body;
        using var counted = new MemoryStream();
        (http.Request.Method, http.Response.Body) = (HttpMethods.Get, counted);
        try
        {
            await next(http);
        }
        finally
        {
            (http.Request.Method, http.Response.Body) = (HttpMethods.Head, body);
        }
        if (counted.Length > 0)
            http.Response.ContentLength = counted.Length;
    }
}
