using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace IspHost.Plugins.Billing;

static class BillRunEndpoints
{
    public static void MapBillRuns(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/bill-runs").InChapter("Bill runs", "Billing a month, for all accounts.");

        runs.MapPost("/", Start).Refuses(NotOver).Documented(
            "startBillRun", "Start the bill run of a month",
            "Or find it: a month has one. Watch it where `Location` says until its state is `done`; with `Prefer: wait=20` the answer "
            + "may be that already.");
        runs.MapGet("/", List).Documented("listBillRuns", "List bill runs", "The latest month first.");
        runs.MapGet("/{period}", Find).Documented(
            "getBillRun", "Get a bill run", "How far it is, what it issued, and what somebody must look at.");
        runs.MapPost("/{period}/retry-parked", Retry).Documented(
            "retryBillRun", "Bill parked accounts again", "And lines that were held back, once what stood in their way is mended.");
    }

    static readonly ProblemType NotOver = new(
        "period-not-over", StatusCodes.Status409Conflict, "Conflict", "The month is not over yet where the tenant is, by its clock.");

    public static ProblemHttpResult NotAPeriod => Problems.Field("period", "a month, such as 2026-10");

    static async Task<Results<Ok<RunView>, Accepted<RunView>, ProblemHttpResult>> Start(
        StartRun request, PreferredWait wait, [FromServices] BillRuns runs, [FromServices] ICurrentTenant caller, CancellationToken stop)
    {
        if (!BillRun.TryParsePeriod(request.Period, out var period))
            return NotAPeriod;
        if (!runs.IsOver(caller.Id, period.Value))
            return Problems.Of(NotOver, "The period is not over where the tenant is.");
        var run = await wait.UntilAsync(
            await runs.StartAsync(caller.Id, period.Value, stop),
            async () => (await runs.FindAsync(caller.Id, period.Value, stop))!, IsDone);
        return IsDone(run) ? TypedResults.Ok(run) : TypedResults.Accepted($"/api/v1/bill-runs/{request.Period}", run);
    }

    static bool IsDone(RunView run) => run.State == "done";

    static async Task<Results<Ok<Page<RunView>>, ProblemHttpResult>> List(
        [FromServices] BillRuns runs, [FromServices] ICurrentTenant caller, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "bill-runs", out string? place))
            return Cursor.Unknown;
        LocalDate? before = null;
        if (place is not null)
        {
            if (!BillRun.TryParsePeriod(place, out var month))
                return Cursor.Unknown;
            before = month.Value.Start;
        }
        return TypedResults.Ok(Page.Of(
            await runs.ListAsync(caller.Id, before, limit + 1, stop), limit, run => Cursor.Of("bill-runs", run.Period)));
    }

    static async Task<Results<Ok<RunView>, NotFound, ProblemHttpResult>> Find(
        [Month] string period, [FromServices] BillRuns runs, [FromServices] ICurrentTenant caller, CancellationToken stop)
    {
        if (!BillRun.TryParsePeriod(period, out var month))
            return NotAPeriod;
        return await runs.FindAsync(caller.Id, month.Value, stop) is { } view ? TypedResults.Ok(view) : TypedResults.NotFound();
    }

    static async Task<Results<Accepted<RunView>, NotFound, ProblemHttpResult>> Retry(
        [Month] string period, [FromServices] BillRuns runs, [FromServices] ICurrentTenant caller, CancellationToken stop)
    {
        if (!BillRun.TryParsePeriod(period, out var month))
            return NotAPeriod;
        return await runs.RetryAsync(caller.Id, month.Value, stop) is { } view
            ? TypedResults.Accepted($"/api/v1/bill-runs/{period}", view)
            : TypedResults.NotFound();
    }
}
