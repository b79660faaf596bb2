using IspHost.Core.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Server.Pages;

/// <summary>The page that shows what runs.</summary>
static class FrontPage
{
    static readonly (string Path, string Name, string ContentType)[] Assets =
    [
        ("/assets/isphost.css", "isphost.css", "text/css; charset=utf-8"),
        ("/assets/isphost.svg", "isphost.svg", "image/svg+xml"),
        ("/favicon.ico", "isphost.svg", "image/svg+xml"),
        ("/assets/reference.css", "reference.css", "text/css; charset=utf-8"),
        ("/assets/reference.js", "reference.js", "text/javascript; charset=utf-8"),
    ];

    /// <summary>Maps <c>/</c>, and the files of all pages.</summary>
    public static void MapFrontPage(this IEndpointRouteBuilder routes, bool isPublic)
    {
        routes.MapGet("/", (HttpContext http, StatusReader status, CancellationToken stop) => ShowAsync(http, status, isPublic, stop))
            .ExcludeFromDescription()
            .AllowAnonymous();
        foreach (var (path, name, contentType) in Assets)
            routes.MapGet(path, (HttpContext http) => Asset(http, name, contentType)).ExcludeFromDescription().AllowAnonymous();
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
