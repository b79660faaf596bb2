using IspHost.Sdk;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
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
        var ledger = api.MapGroup("/").InChapter("Ledger", "The books: what is owed, and whether they hold.");

        ledger.MapGet("/accounts/{customer}/balance", Balance).Documented(
            "getBalance", "Get what a customer owes", "By currency. An amount below zero is what the provider owes.");
        ledger.MapGet("/ledger/trial-balance", Trial).RequireRateLimiting(Expensive).Refuses(TooLarge).Documented(
            "getTrialBalance", "Get the trial balance", "All accounts of the ledger, those of customers added up.");
        ledger.MapGet("/ledger/check", Check).RequireRateLimiting(Expensive).Refuses(TooLarge).Documented(
            "checkLedger", "Check the books", "Whether what must always hold does: each rule, and how many rows contradict it.");
    }

    static readonly ProblemType TooLarge = new(
        "ledger-too-large", StatusCodes.Status503ServiceUnavailable, "Unavailable",
        "Checking or adding up all of the ledger takes more than 20 s at present; the database is well. Ask again when less is going on.");

    static async Task<Results<Ok<BalanceView>, NotFound>> Balance(
        CustomerId customer, [FromServices] TenantDatabase<BillingDb> database, [FromServices] ICustomers customers,
        [FromServices] ICurrentTenant caller, CancellationToken cancellationToken)
    {
        if ((await customers.GetAsync(caller.Id, [customer], cancellationToken)).Count == 0)
            return TypedResults.NotFound();
        var balance = await database.OnConnectionAsync(
            caller.Id, (connection, stop) => Balances.OfAsync(connection, caller.Id, customer, stop), cancellationToken);
        return TypedResults.Ok(balance);
    }

    static async Task<Results<Ok<TrialBalance>, ProblemHttpResult>> Trial(
        HttpResponse response, [FromServices] LargeReads reads, [FromServices] ICurrentTenant caller, CancellationToken cancellationToken)
        => await reads.ReadAsync(
            caller.Id, (connection, stop) => Balances.TrialAsync(connection, caller.Id, stop), cancellationToken) is { } balance
            ? TypedResults.Ok(balance)
            : TookTooLong(response, reads);

    static async Task<Results<Ok<BooksReport>, ProblemHttpResult>> Check(
        HttpResponse response, [FromServices] LargeReads reads, [FromServices] ICurrentTenant caller, CancellationToken cancellationToken)
        => await reads.ReadAsync(
            caller.Id, (connection, stop) => Books.CheckAsync(connection, caller.Id, stop), cancellationToken) is { } report
            ? TypedResults.Ok(report)
            : TookTooLong(response, reads);

    static ProblemHttpResult TookTooLong(HttpResponse response, LargeReads reads)
    {
        response.Headers.RetryAfter = "60";
        return Problems.Of(
            TooLarge, $"Reading all of the ledger takes more than {reads.Limit.TotalSeconds} s at present, which says nothing about the "
            + "books: ask again when less is going on.");
    }
}
