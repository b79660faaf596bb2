using System.Text.Json;
using IspHost.Sdk.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Plugins.Billing;

static class BillRunEndpoints
{
    public static void MapBillRuns(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/bill-runs").WithTags("Bill runs");

        runs.MapPost("/", Start).WithSummary("Starts the run of a month, or finds it.");
        runs.MapGet("/", List).WithSummary("The latest runs.");
        runs.MapGet("/{period}", Find).WithSummary("How far a run is.");
        runs.MapPost("/{period}/retry-parked", Retry).WithSummary("Bills parked accounts and held lines again.");
    }

    static async Task<IResult> Start(
        HttpRequest request, [FromServices] BillRuns runs, [FromServices] ICurrentTenant caller, [FromServices] BillingJson json,
        CancellationToken cancellationToken)
    {
        if (await BodyAsync(request, json, cancellationToken) is not { } body || !BillRun.TryParsePeriod(body.Period, out var period))
            return NotAPeriod();
        if (!runs.IsOver(caller.Id, period.Value))
            return Problem(StatusCodes.Status409Conflict, "period-not-over", "The period is not over where the tenant is.");
        return TypedResults.Json(
            await runs.StartAsync(caller.Id, period.Value, cancellationToken), json.RunView, statusCode: StatusCodes.Status202Accepted);
    }

    static async Task<IResult> List(
        [FromServices] BillRuns runs, [FromServices] ICurrentTenant caller, [FromServices] BillingJson json,
        CancellationToken cancellationToken)
        => TypedResults.Json(await runs.ListAsync(caller.Id, cancellationToken), json.RunList);

    static async Task<IResult> Find(
        string period, [FromServices] BillRuns runs, [FromServices] ICurrentTenant caller, [FromServices] BillingJson json,
        CancellationToken cancellationToken)
    {
        if (!BillRun.TryParsePeriod(period, out var month))
            return NotAPeriod();
        return await runs.FindAsync(caller.Id, month.Value, cancellationToken) is { } view
            ? TypedResults.Json(view, json.RunView)
            : TypedResults.NotFound();
    }

    static async Task<IResult> Retry(
        string period, [FromServices] BillRuns runs, [FromServices] ICurrentTenant caller, [FromServices] BillingJson json,
        CancellationToken cancellationToken)
    {
        if (!BillRun.TryParsePeriod(period, out var month))
            return NotAPeriod();
        return await runs.RetryAsync(caller.Id, month.Value, cancellationToken) is { } view
            ? TypedResults.Json(view, json.RunView, statusCode: StatusCodes.Status202Accepted)
            : TypedResults.NotFound();
    }

    static async Task<StartRun?> BodyAsync(HttpRequest request, BillingJson json, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, json.StartRun, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static ProblemHttpResult NotAPeriod()
        => Problem(StatusCodes.Status400BadRequest, "not-a-period", "'period' must be a month such as 2026-10.");

    static ProblemHttpResult Problem(int status, string type, string detail)
        => TypedResults.Problem(detail, statusCode: status, type: $"/problems/{type}");
}
