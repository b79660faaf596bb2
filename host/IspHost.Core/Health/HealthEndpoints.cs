using System.Text.Json;
using IspHost.Core.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IspHost.Core.Health;

/// <summary>What load balancers and supervisors ask, without a key.</summary>
public static class HealthEndpoints
{
    /// <summary>Maps <c>/health/live</c> and <c>/health/ready</c>.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").ExcludeFromDescription().AllowAnonymous().DisableRateLimiting();

        health.MapGet("/live", Live);
        health.MapGet("/ready", Ready);
    }

    /// <summary>The process answers. Whoever restarts it for a database that is away helps nobody.</summary>
    static ContentHttpResult Live() => TypedResults.Text("""{"status":"healthy"}""", "application/json");

    static async Task<ContentHttpResult> Ready(HttpContext http, Readiness readiness, CancellationToken stop)
    {
        var report = await readiness.ReadAsync(stop);
        return TypedResults.Text(
            Lines(report, withDetail: Callers.IsOfThisMachine(http)), "application/json",
            statusCode: report.Status is HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    /// <summary>A line a check. What is wrong with it is for the operator: it may name rows.</summary>
    static string Lines(HealthReport report, bool withDetail)
    {
        var checks = report.Entries.OrderBy(check => check.Key, StringComparer.Ordinal).Select(check => JsonSerializer.Serialize(
            new CheckView(check.Key, Word(check.Value.Status), withDetail ? check.Value.Description : null), ApiJson.Options));
        return $$"""{"status":"{{Word(report.Status)}}","checks":[{{'\n'}} {{string.Join(",\n ", checks)}}]}{{'\n'}}""";
    }

    static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };

    sealed record CheckView(string Name, string Status, string? Detail);
}
