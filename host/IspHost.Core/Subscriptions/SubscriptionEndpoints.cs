using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Catalog;
using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Core.Secrets;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Subscriptions;

/// <summary>The services of customers.</summary>
public static class SubscriptionEndpoints
{
    /// <summary>Maps <c>/subscriptions</c>.</summary>
    public static void MapSubscriptions(this IEndpointRouteBuilder api)
    {
        var subscriptions = api.MapGroup("/subscriptions").WithTags("Subscriptions").RequireAuthorization(Policies.Tenant);

        subscriptions.MapPost("/", Order);
        subscriptions.MapGet("/", List);
        subscriptions.MapGet("/{id}", Get);
        subscriptions.MapPost("/{id}/activate", Activate);
        subscriptions.MapPost("/{id}/change-plan", ChangePlan);
        subscriptions.MapPost("/{id}/hold", PutOnHold);
        subscriptions.MapPost("/{id}/resume", Resume);
        subscriptions.MapPost("/{id}/suspend", Suspend);
        subscriptions.MapPost("/{id}/restore", Restore);
        subscriptions.MapPost("/{id}/terminate", Terminate);
    }

    static async Task<Results<Created<SubscriptionView>, ProblemHttpResult>> Order(
        NewSubscription request, CurrentTenant current, TenantDirectory tenants, TenantDatabase<IspDb> database, Vault vault,
        CancellationToken stop)
    {
        if (request.Problem() is { } problem)
            return problem;
        await using var db = database.Open(current.Id);
        if (!await db.Customers.AnyAsync(customer => customer.Id == request.Customer && customer.ClosedOn == null, stop))
            return Problems.Field("customer", "a customer that exists and is not closed");
        if (await db.NewestAsync(request.Plan, stop) is not { } plan)
            return Problems.Field("plan", "the code of a plan that exists");

        var today = tenants.Today(current.Id);
        var subscription = request.ToSubscription(vault.Seal(current.Id, request.Password));
        if (request.Activate)
            subscription.TryActivate(today);
        db.Subscriptions.Add(subscription);
        db.ContractTerms.Add(request.ToTerm(subscription.Id, plan, today));
        db.Audit(current.Caller, "subscription.order", $"subscription/{subscription.Id}", new { request.Plan, plan.Version });
        return await db.TrySaveAsync(stop) is SaveOutcome.Saved
            ? TypedResults.Created($"/api/v1/subscriptions/{subscription.Id}", await SubscriptionView.ReadAsync(db, subscription, stop))
            : Problems.Conflict("user-name-taken", $"Another service has the user name '{request.UserName}'.");
    }

    static async Task<Ok<Page<SubscriptionView>>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        CustomerId? customer = null, string? cursor = null, int limit = 50)
    {
        var size = Page.Size(limit);
        await using var db = database.Open(current.Id);
        var rows = await db.Subscriptions.AsNoTracking()
            .Where(s => customer == null || s.CustomerId == customer)
            .Where(s => cursor == null || string.Compare(s.UserName, cursor) > 0)
            .OrderBy(s => s.UserName)
            .Take(size + 1)
            .ToListAsync(stop);
        var views = new List<SubscriptionView>();
        foreach (var row in rows)
            views.Add(await SubscriptionView.ReadAsync(db, row, stop));
        return TypedResults.Ok(Page.Of(views, size, view => view.UserName));
    }

    static async Task<Results<Ok<SubscriptionView>, NotFound>> Get(
        SubscriptionId id, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        return await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, stop) is { } subscription
            ? TypedResults.Ok(await SubscriptionView.ReadAsync(db, subscription, stop))
            : TypedResults.NotFound();
    }

    static Task<Results<Ok<LifecycleView>, NotFound, ProblemHttpResult>> Activate(
        SubscriptionId id, CurrentTenant current, Lifecycle lifecycle, CancellationToken stop)
        => AnswerAsync(lifecycle.RunAsync(current.Caller, id, new SubscriptionCommand.Activate(), stop));

    static Task<Results<Ok<LifecycleView>, NotFound, ProblemHttpResult>> ChangePlan(
        SubscriptionId id, NewPlan request, CurrentTenant current, Lifecycle lifecycle, CancellationToken stop)
        => AnswerAsync(lifecycle.RunAsync(current.Caller, id, new SubscriptionCommand.ChangePlan(request.Plan), stop));

    static Task<Results<Ok<LifecycleView>, NotFound, ProblemHttpResult>> PutOnHold(
        SubscriptionId id, CurrentTenant current, Lifecycle lifecycle, CancellationToken stop)
        => AnswerAsync(lifecycle.RunAsync(current.Caller, id, new SubscriptionCommand.PutOnHold(), stop));

    static Task<Results<Ok<LifecycleView>, NotFound, ProblemHttpResult>> Resume(
        SubscriptionId id, CurrentTenant current, Lifecycle lifecycle, CancellationToken stop)
        => AnswerAsync(lifecycle.RunAsync(current.Caller, id, new SubscriptionCommand.Resume(), stop));

    static Task<Results<Ok<LifecycleView>, NotFound, ProblemHttpResult>> Suspend(
        SubscriptionId id, NewLock request, CurrentTenant current, Lifecycle lifecycle, CancellationToken stop)
        => AnswerAsync(lifecycle.RunAsync(
            current.Caller, id, new SubscriptionCommand.Lock(request.Reason, request.Mode, request.Note), stop));

    static Task<Results<Ok<LifecycleView>, NotFound, ProblemHttpResult>> Restore(
        SubscriptionId id, OldLock request, CurrentTenant current, Lifecycle lifecycle, CancellationToken stop)
        => AnswerAsync(lifecycle.RunAsync(current.Caller, id, new SubscriptionCommand.Unlock(request.Reason), stop));

    static Task<Results<Ok<LifecycleView>, NotFound, ProblemHttpResult>> Terminate(
        SubscriptionId id, CurrentTenant current, Lifecycle lifecycle, CancellationToken stop)
        => AnswerAsync(lifecycle.RunAsync(current.Caller, id, new SubscriptionCommand.Terminate(), stop));

    static async Task<Results<Ok<LifecycleView>, NotFound, ProblemHttpResult>> AnswerAsync(Task<LifecycleResult> change)
        => await change switch
        {
            LifecycleResult.Done(var state, var access) => TypedResults.Ok(new LifecycleView(state, access)),
            LifecycleResult.Refused(var state)
                => Problems.Conflict("subscription-state", $"That cannot be done to a service that is {state}."),
            _ => TypedResults.NotFound(),
        };
}
