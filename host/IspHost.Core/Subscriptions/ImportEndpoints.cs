using System.Text;
using IspHost.Core.ApiKeys;
using IspHost.Core.Limits;
using IspHost.Core.Web;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Core.Subscriptions;

/// <summary>Taking over data of other systems.</summary>
public static class ImportEndpoints
{
    const int MaxFile = 32 * 1024 * 1024;

    /// <summary>Maps <c>/imports</c>.</summary>
    public static void MapImports(this IEndpointRouteBuilder api)
        => api.MapGroup("/imports").InChapter("Imports", "Taking over data of other systems.").ForTenants("subscriptions")
            .MapPost("/subscribers", Subscribers).Accepts<string>("text/csv")
            .RequireRateLimiting(LimitsSetup.Expensive).WithRequestTimeout(LimitsSetup.Long)
            .WithMetadata(new RequestSizeLimitAttribute(MaxFile)).Documented(
                "importSubscribers", "Import subscribers",
                "From a CSV file with a line of headings. Rows that are refused are named in the answer, and the others are taken.");

    static async Task<Results<Ok<ImportReport>, ProblemHttpResult>> Subscribers(
        HttpRequest request, CurrentTenant current, SubscriberImport import, CancellationToken stop)
    {
        using var file = new StreamReader(request.Body, Encoding.UTF8);
        try
        {
            return TypedResults.Ok(await import.RunAsync(current.Caller, file, stop));
        }
        catch (SubscriberFileException fault)
        {
            return Problems.Field("file", $"a file of subscribers. {fault.Message.TrimEnd('.')}");
        }
    }
}
