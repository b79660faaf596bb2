using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Customer = IspHost.Sdk.Customers.Customer;

namespace IspHost.Core.Subscriptions;

/// <summary>The end of a customer's account, which its services must have come to before.</summary>
public static class ClosingCustomers
{
    static readonly ProblemType HasServices = new(
        "customer-has-services", StatusCodes.Status409Conflict, "Conflict",
        "The customer has services that have not ended: terminate them first.");

    /// <summary>Maps <c>DELETE /customers/{id}</c>.</summary>
    public static void MapClosingCustomers(this IEndpointRouteBuilder api)
        => api.MapGroup("/customers").InChapter("Customers", "Who signs and who pays.").ForTenants("customers")
            .MapDelete("/{id}", Close).Refuses(HasServices).Documented(
                "closeCustomer", "Close a customer's account",
                "Once all services of the customer have ended. It leaves the list, stays for its invoices, and nothing can be ordered "
                + "for it.");

    static Task<Results<Ok<Customer>, NotFound, ProblemHttpResult>> Close(
        CustomerId id, IfMatch ifMatch, CurrentTenant current, TenantDirectory tenants, TenantDatabase<IspDb> database,
        CancellationToken stop)
        => database.InTransactionAsync<Results<Ok<Customer>, NotFound, ProblemHttpResult>>(current.Id, async (db, token) =>
        {
            // Locked, so that whoever orders a service meanwhile comes before or after.
            var found = await db.Customers
                .FromSql($"select *, xmin from host.customer where id = {id.Value} for update").ToListAsync(token);
            if (found is not [var customer])
                return TypedResults.NotFound();
            if (ifMatch.IsMissedBy(customer.AsContract()))
                return Refusals.Of(Refusals.PreconditionFailed);
            var services = db.Subscriptions.Where(service => service.CustomerId == id);
            if (await services.AnyAsync(service => service.State != SubscriptionState.Terminated, token))
                return Refusals.Of(HasServices);
            if (customer.ClosedOn is null)
            {
                customer.Close(tenants.Today(current.Id));
                db.Audit(current.Caller, "customer.close", $"customer/{id}");
                await db.SaveChangesAsync(token);
            }
            return TypedResults.Ok(customer.AsContract());
        }, stop);
}
