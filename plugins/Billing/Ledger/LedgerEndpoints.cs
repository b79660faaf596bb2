using IspHost.Sdk;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Plugins.Billing;

static class LedgerEndpoints
{
    /// <summary>The host's policy for what reads much: a tenant runs two of them at the same time.</summary>
    const string Expensive = "expensive";

    public static void MapLedger(this IEndpointRouteBuilder api)
    {
        var ledger = api.MapGroup("/").WithTags("Ledger");

        ledger.MapGet("/accounts/{customer}/balance", Balance).WithSummary("What a customer owes.");
        ledger.MapGet("/ledger/trial-balance", Trial).RequireRateLimiting(Expensive).WithSummary("All accounts of the ledger.");
        ledger.MapGet("/ledger/check", Check).RequireRateLimiting(Expensive).WithSummary("Whether the books hold.");
    }

    static async Task<IResult> Balance(
        CustomerId customer, [FromServices] TenantDatabase<BillingDb> database, [FromServices] ICustomers customers,
        [FromServices] ICurrentTenant caller, [FromServices] BillingJson json, CancellationToken cancellationToken)
    {
        if ((await customers.GetAsync(caller.Id, [customer], cancellationToken)).Count == 0)
            return TypedResults.NotFound();
        var balance = await database.OnConnectionAsync(
            caller.Id, (connection, stop) => Balances.OfAsync(connection, caller.Id, customer, stop), cancellationToken);
        return TypedResults.Json(balance, json.BalanceView);
    }

    static async Task<IResult> Trial(
        HttpResponse response, [FromServices] LargeReads reads, [FromServices] ICurrentTenant caller, [FromServices] BillingJson json,
        CancellationToken cancellationToken)
        => await reads.ReadAsync(
            caller.Id, (connection, stop) => Balances.TrialAsync(connection, caller.Id, stop), cancellationToken) is { } balance
            ? TypedResults.Json(balance, json.TrialBalance)
            : TookTooLong(response, reads);

    static async Task<IResult> Check(
        HttpResponse response, [FromServices] LargeReads reads, [FromServices] ICurrentTenant caller, [FromServices] BillingJson json,
        CancellationToken cancellationToken)
        => await reads.ReadAsync(
            caller.Id, (connection, stop) => Books.CheckAsync(connection, caller.Id, stop), cancellationToken) is { } report
            ? TypedResults.Json(report, json.BooksReport)
            : TookTooLong(response, reads);

    static ProblemHttpResult TookTooLong(HttpResponse response, LargeReads reads)
    {
        response.Headers.RetryAfter = "60";
        return TypedResults.Problem(
            $"Reading all of the ledger takes more than {reads.Limit.TotalSeconds} s at present, which says nothing about the books: "
            + "ask again when less is going on.", statusCode: StatusCodes.Status503ServiceUnavailable, type: "/problems/ledger-too-large");
    }
}
