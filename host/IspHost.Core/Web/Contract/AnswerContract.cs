using IspHost.Core.Web.Versions;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace IspHost.Core.Web.Contract;

/// <summary>What holds for answers: what is shown has a tag, and who knows it already or wants none of it gets no body.</summary>
static class AnswerContract
{
    const string Minimal = "return=minimal";

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
        if (IsDropped(http, written))
            return;
        var newest = written.GetBuffer().AsMemory(0, (int)written.Length);
        await body.WriteAsync(FormOf(http) is { } form ? form.Of(newest.Span) : newest, http.RequestAborted);
    }

    /// <summary>The form of an older version; null for the newest, and for what has one form alone.</summary>
    static AnswerForm? FormOf(HttpContext http)
        => http.Response.StatusCode is >= 200 and < 300 ? http.Features.Get<AnswerForm>() : null;

    static bool IsDropped(HttpContext http, MemoryStream written)
    {
        var (request, response) = (http.Request, http.Response);
        if (response.StatusCode is not (StatusCodes.Status200OK or StatusCodes.Status201Created) || written.Length == 0)
            return written.Length == 0;
        if (!HttpMethods.IsPost(request.Method) && !HttpMethods.IsDelete(request.Method))
        {
            var tag = IfMatch.TagOf(written.GetBuffer().AsSpan(0, (int)written.Length));
            Tag(http, tag);
            if (HttpMethods.IsGet(request.Method))
                return IsKnown(request, tag) && Drop(response, StatusCodes.Status304NotModified);
        }
        if (!request.Headers["Prefer"].Any(value => value?.Contains(Minimal, StringComparison.OrdinalIgnoreCase) is true))
            return false;
        response.Headers["Preference-Applied"] = Minimal;
        return Drop(response, response.StatusCode == StatusCodes.Status200OK ? StatusCodes.Status204NoContent : response.StatusCode);
    }

    /// <summary>A tag is of use only to who may keep what it is of.</summary>
    static void Tag(HttpContext http, EntityTagHeaderValue newest)
    {
        var tag = newest.Tag.ToString();
        http.Response.Headers.ETag = FormOf(http) is { } form ? $"{tag[..^1]}{form.Suffix}" : tag;
        http.Response.Headers.CacheControl = "private, no-cache";
    }

    /// <summary>Weakly compared, as RFC 9110 section 13.1.2 has it.</summary>
    static bool IsKnown(HttpRequest request, EntityTagHeaderValue newest)
        => request.Headers.IfNoneMatch.Count > 0 && EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
            && known.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(newest, useStrongComparison: false));

    static bool Drop(HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.ContentType = null;
        response.ContentLength = null;
        return true;
    }
}
