using IspHost.Core.Web.Document;
using IspHost.Core.Web.Versions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Server.Pages;

/// <summary>The page that a version which will end leads to.</summary>
static class VersionsPages
{
    /// <summary>Maps <c>/versions</c>.</summary>
    public static void MapVersionsPage(this IEndpointRouteBuilder routes)
        => routes.MapGet("/versions", ShowAsync).ExcludeFromDescription().AllowAnonymous();

    static async Task<IResult> ShowAsync(KnownVersions versions, DocumentText documents, CancellationToken stop)
        => new RazorComponentResult<VersionsPage>(new
        {
            Versions = versions.All,
            Changes = await documents.ChangesAsync(stop),
            versions.Today,
        });
}
