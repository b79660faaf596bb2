using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Core.Web.Document;

static class DocumentEndpoint
{
    /// <summary>Maps <c>/openapi/v1.json</c>, for everybody.</summary>
    public static void MapDocument(this IEndpointRouteBuilder routes)
        => routes.MapGet("/openapi/v1.json", Get).ExcludeFromDescription().AllowAnonymous();

    static async Task<FileContentHttpResult> Get(HttpResponse response, DocumentText document, CancellationToken stop)
    {
        var text = await document.ReadAsync(stop);
        response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(text, "application/json", entityTag: IfMatch.TagOf(text));
    }
}
