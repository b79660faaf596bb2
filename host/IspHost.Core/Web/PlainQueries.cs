using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Web;

/// <summary>Refuses addresses with control characters: no search, name or cursor has any.</summary>
sealed class PlainQueries(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (!PlainText.IsPlain(http.Request.Path.Value ?? ""))
            return Problems.Field("path", "without control characters").ExecuteAsync(http);
        foreach (var (name, values) in http.Request.Query)
        {
            if (!PlainText.IsPlain(name) || values.Any(value => value is not null && !PlainText.IsPlain(value)))
                return Problems.Field(PlainText.IsPlain(name) ? name : "query", "without control characters").ExecuteAsync(http);
        }
        return next(http);
    }
}
