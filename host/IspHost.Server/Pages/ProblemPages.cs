using IspHost.Core.Web;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Server.Pages;

/// <summary>The pages that the <c>type</c> of a refusal leads to.</summary>
static class ProblemPages
{
    /// <summary>Maps <c>/problems</c> and a page below it for each kind.</summary>
    public static void MapProblemPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/problems").ExcludeFromDescription().AllowAnonymous();

        pages.MapGet("/", All);
        pages.MapGet("/{name}", One);
    }

    // The results are not named by their type: the generator of delegates does not see what Razor generates.
#pragma warning disable CA1859
    static IResult All(KnownProblems problems) => Page("Refusals", problems.All);
#pragma warning restore CA1859

    static IResult One(string name, KnownProblems problems)
        => problems.All.FirstOrDefault(type => type.Name == name) is { } type ? Page(type.Title, [type]) : TypedResults.NotFound();

    static RazorComponentResult<ProblemPage> Page(string title, IReadOnlyList<ProblemType> types)
        => new(new Dictionary<string, object?> { [nameof(ProblemPage.Title)] = title, [nameof(ProblemPage.Types)] = types });
}
