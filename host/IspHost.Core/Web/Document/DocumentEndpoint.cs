using IspHost.Core.Web.Versions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime.Text;

namespace IspHost.Core.Web.Document;

static class DocumentEndpoint
{
    /// <summary>The name of the current version.</summary>
    const string Current = "v1";

    /// <summary>Maps <c>/openapi/v1.json</c>, for everybody, and <c>/openapi/DATE.json</c> for each version.</summary>
    public static void MapDocument(this IEndpointRouteBuilder routes)
        => routes.MapGet("/openapi/{name}.json", Get).ExcludeFromDescription().AllowAnonymous();

    static async Task<Results<FileContentHttpResult, NotFound>> Get(
        string name, HttpContext http, KnownVersions versions, DocumentText documents, CancellationToken stop)
    {
        var version = name == Current ? versions.Current
            : LocalDatePattern.Iso.Parse(name).TryGetValue(default, out var date) ? versions.Find(date)
            : null;
        if (version is null)
            return TypedResults.NotFound();
        var text = await documents.ReadAsync(version.Version, stop);
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.Vary = "Accept-Encoding";
        var isCompressed = TakesBrotli(http.Request);
        if (isCompressed)
            http.Response.Headers.ContentEncoding = "br";
        return TypedResults.Bytes(isCompressed ? text.Compressed : text.Plain, "application/json", entityTag: text.Tag);
    }

    static bool TakesBrotli(HttpRequest request)
        => request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value == "br" && coding.Quality is null or > 0);
}
