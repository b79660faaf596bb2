using IspHost.Core.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Server.Pages;

/// <summary>The page that shows what runs.</summary>
static class FrontPage
{
    /// <summary>Maps <c>/</c>, and the style sheet of all pages.</summary>
    public static void MapFrontPage(this IEndpointRouteBuilder routes, bool isPublic)
    {
        routes.MapGet("/", (HttpContext http, StatusReader status, CancellationToken stop) => ShowAsync(http, status, isPublic, stop))
            .ExcludeFromDescription()
            .AllowAnonymous();
        routes.MapGet("/assets/isphost.css", (HttpContext http) => Asset(http, "isphost.css", "text/css; charset=utf-8"))
            .ExcludeFromDescription().AllowAnonymous();
        foreach (var icon in (ReadOnlySpan<string>)["/assets/isphost.svg", "/favicon.ico"])
        {
            routes.MapGet(icon, (HttpContext http) => Asset(http, "isphost.svg", "image/svg+xml"))
                .ExcludeFromDescription().AllowAnonymous();
        }
    }

    static async Task<IResult> ShowAsync(HttpContext http, StatusReader status, bool isPublic, CancellationToken stop)
    {
        if (!isPublic && !Callers.IsOfThisMachine(http))
            return TypedResults.Problem(
                "The status page shows to this machine only.", statusCode: StatusCodes.Status403Forbidden, type: "/problems/forbidden");
        return new RazorComponentResult<StatusPage>(new { Status = await status.ReadAsync(stop) });
    }

    static FileStreamHttpResult Asset(HttpContext http, string name, string contentType)
    {
        http.Response.Headers.CacheControl = "public, max-age=3600";
        return TypedResults.Stream(typeof(FrontPage).Assembly.GetManifestResourceStream(name)!, contentType);
    }
}
