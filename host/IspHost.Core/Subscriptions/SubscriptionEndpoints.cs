using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Catalog;
using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
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
using Answer = Microsoft.AspNetCore.Http.HttpResults.Results<
    Microsoft.AspNetCore.Http.HttpResults.Ok<IspHost.Core.Subscriptions.LifecycleView>,
    Microsoft.AspNetCore.Http.HttpResults.NotFound, Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult>;

namespace IspHost.Core.Subscriptions;

/// <summary>The services of customers.</summary>
public static class SubscriptionEndpoints
{
    /// <summary>Maps <c>/subscriptions</c>.</summary>
    public static void MapSubscriptions(this IEndpointRouteBuilder api)
    {
        var subscriptions = api.MapGroup("/subscriptions").WithTags("Subscriptions").ForTenants("subscriptions");

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
        Answers answers, CancellationToken stop)
    {
        if (request.Problem() is { } problem)
            return problem;
        await using var db = database.Open(current.Id);
        if (!await db.Customers.AnyAsync(customer => customer.Id == request.Customer && customer.ClosedOn == null, stop))
            return Problems.Field("customer", "a customer that exists and is not closed");
        if (await db.NewestAsync(request.Plan, stop) is not { } plan)
            return Problems.Field("plan", "the code of a plan that exists");

        var today = tenants.Today(current.Id);
        var subscription = request.ToSubscription(vault, current.Id);
        if (request.Activate)
            subscription.TryActivate(today);
        db.Subscriptions.Add(subscription);
        var term = request.ToTerm(subscription.Id, plan, today);
        db.ContractTerms.Add(term);
        db.Audit(current.Caller, "subscription.order", $"subscription/{subscription.Id}", new { request.Plan, plan.Version });
        var created = TypedResults.Created(
            $"/api/v1/subscriptions/{subscription.Id}",
            SubscriptionView.Of(subscription, [new TermView(request.Plan, term.PlanVersion, term.ValidFrom, term.ValidTo)], []));
        return await answers.TrySaveAsync(db, created, stop) is SaveOutcome.Saved
            ? created
            : Problems.Conflict("user-name-taken", $"Another service has the user name '{request.UserName}'.");
    }

    static async Task<Results<Ok<Page<SubscriptionView>>, ProblemHttpResult>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        CustomerId? customer = null, string? cursor = null, int limit = 50)
    {
        if (!Page.TryReadCursor(cursor, out var name, out var id))
            return Page.UnknownCursor;
        var size = Page.Size(limit);
        await using var db = database.Open(current.Id);
        var rows = await db.Subscriptions
            .FromSql($"select * from host.subscription where (user_name, id) > ({name}, {id})").AsNoTracking()
            .Where(s => customer == null || s.CustomerId == customer)
            .OrderBy(s => s.UserName).ThenBy(s => s.Id)
            .Take(size + 1)
            .ToListAsync(stop);
        var views = await SubscriptionView.ReadAsync(db, rows, stop);
        return TypedResults.Ok(Page.Of(views, size, view => Page.Cursor(view.UserName, view.Id.Value)));
    }

    static async Task<Results<Ok<SubscriptionView>, NotFound>> Get(
        SubscriptionId id, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        return await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, stop) is { } subscription
            ? TypedResults.Ok((await SubscriptionView.ReadAsync(db, [subscription], stop))[0])
            : TypedResults.NotFound();
    }

    static Task<Answer> Activate(SubscriptionId id, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.Activate(), stop);

    static Task<Answer> ChangePlan(SubscriptionId id, NewPlan request, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.ChangePlan(request.Plan), stop);

    static Task<Answer> PutOnHold(SubscriptionId id, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.PutOnHold(), stop);

    static Task<Answer> Resume(SubscriptionId id, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.Resume(), stop);

    static Task<Answer> Suspend(SubscriptionId id, NewLock request, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.Lock(request.Reason, request.Mode, request.Note), stop);

    static Task<Answer> Restore(SubscriptionId id, OldLock request, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.Unlock(request.Reason), stop);

    static Task<Answer> Terminate(SubscriptionId id, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.Terminate(), stop);
}
