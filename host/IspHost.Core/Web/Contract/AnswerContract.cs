using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace IspHost.Core.Web.Contract;

/// <summary>What holds for answers: what is shown has a tag, and who knows it already or wants none of it gets no body.</summary>
static class AnswerContract
{
    const string Minimal = "return=minimal";

    /// <summary>Whether answers to this method are looked at.</summary>
    public static bool IsOf(string method) => !HttpMethods.IsDelete(method);

    /// <summary>Calls the endpoint, and sends what it says or less.</summary>
    public static async Task InvokeAsync(HttpContext http, RequestDelegate endpoint)
    {
        var body = http.Response.Body;
        using var written = new MemoryStream();
        http.Response.Body = written;
        try
        {
            await endpoint(http);
        }
        finally
        {
            http.Response.Body = body;
        }
        if (!IsDropped(http, written))
            await body.WriteAsync(written.GetBuffer().AsMemory(0, (int)written.Length), http.RequestAborted);
    }

    static bool IsDropped(HttpContext http, MemoryStream written)
    {
        var (request, response) = (http.Request, http.Response);
        if (response.StatusCode is not (StatusCodes.Status200OK or StatusCodes.Status201Created) || written.Length == 0)
            return written.Length == 0;
        if (!HttpMethods.IsPost(request.Method))
            Tag(response, written.GetBuffer().AsSpan(0, (int)written.Length));
        if (HttpMethods.IsGet(request.Method))
            return IsKnown(request, response) && Drop(response, StatusCodes.Status304NotModified);
        if (!request.Headers["Prefer"].Any(value => value?.Contains(Minimal, StringComparison.OrdinalIgnoreCase) is true))
            return false;
        response.Headers["Preference-Applied"] = Minimal;
        return Drop(response, response.StatusCode == StatusCodes.Status200OK ? StatusCodes.Status204NoContent : response.StatusCode);
    }

    /// <summary>A tag is of use only to who may keep what it is of.</summary>
    static void Tag(HttpResponse response, ReadOnlySpan<byte> shown)
    {
        response.GetTypedHeaders().ETag = IfMatch.TagOf(shown);
        response.Headers.CacheControl = "private, no-cache";
    }

    /// <summary>Weakly compared, as RFC 9110 section 13.1.2 has it.</summary>
    static bool IsKnown(HttpRequest request, HttpResponse response)
        => request.Headers.IfNoneMatch.Count > 0 && EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
            && response.GetTypedHeaders().ETag is { } shown
            && known.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(shown, useStrongComparison: false));

    static bool Drop(HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.ContentType = null;
        response.ContentLength = null;
        return true;
    }
}
