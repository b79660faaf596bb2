using System.ComponentModel.DataAnnotations;
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
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Answer = Microsoft.AspNetCore.Http.HttpResults.Results<
    Microsoft.AspNetCore.Http.HttpResults.Ok<IspHost.Core.Subscriptions.SubscriptionView>,
    Microsoft.AspNetCore.Http.HttpResults.NotFound, Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult>;

namespace IspHost.Core.Subscriptions;

/// <summary>The services of customers.</summary>
public static class SubscriptionEndpoints
{
    /// <summary>What can be included.</summary>
    const string WithCustomer = "customer";

    /// <summary>Maps <c>/subscriptions</c>.</summary>
    public static void MapSubscriptions(this IEndpointRouteBuilder api)
    {
        var subscriptions = api.MapGroup("/subscriptions")
            .InChapter("Subscriptions", "The services of customers, from their order to their end.").ForTenants("subscriptions");

        subscriptions.MapPost("/", Order).Refuses(SubscriptionChanges.UserNameTaken).Documented(
            "orderSubscription", "Order a service",
            "Takes the newest version of the plan. The service begins at once, or when it is activated.");
        subscriptions.MapGet("/", List).Documented(
            "listSubscriptions", "List services",
            "By user name: those that run, those that wait, and those that have ended. `include=customer` has who pays stand beside.");
        subscriptions.MapGet("/{id}", Get).Documented(
            "getSubscription", "Get a service",
            "With its terms and locks, and who pays with `include=customer`. Its password is not shown.");
        subscriptions.MapPatch("/{id}", Change).Refuses(SubscriptionChanges.UserNameTaken, SubscriptionChanges.Refused).Documented(
            "changeSubscription", "Change how a service logs in", "Its user name, its password, or both. Sessions that run are not ended.");
        MapActions(subscriptions);
    }

    static void MapActions(RouteGroupBuilder subscriptions)
    {
        subscriptions.MapPost("/{id}/activate", Activate).Refuses(SubscriptionChanges.Refused).Documented(
            "activateSubscription", "Activate a service", "Its first day is today, where the tenant is.");
        subscriptions.MapPost("/{id}/change-plan", ChangePlan).Refuses(SubscriptionChanges.Refused).Documented(
            "changePlanOfSubscription", "Change the plan of a service", "From today on it has the newest version of another plan.");
        subscriptions.MapPost("/{id}/hold", PutOnHold).Refuses(SubscriptionChanges.Refused).Documented(
            "holdSubscription", "Put a service on hold", "At the customer's wish: nobody is let in, and its days are not billed.");
        subscriptions.MapPost("/{id}/resume", Resume).Refuses(SubscriptionChanges.Refused).Documented(
            "resumeSubscription", "Resume a service", "Ends a hold.");
        subscriptions.MapPost("/{id}/suspend", Suspend).Refuses(SubscriptionChanges.Refused).Documented(
            "suspendSubscription", "Lock a service", "By the provider: blocked or slowed down, for a reason. It is billed all the same.");
        subscriptions.MapPost("/{id}/restore", Restore).Refuses(SubscriptionChanges.Refused, SubscriptionChanges.NoSuchLock).Documented(
            "restoreSubscription", "Lift a lock", "Of one reason: locks of other reasons stay.");
        subscriptions.MapPost("/{id}/terminate", Terminate).Refuses(SubscriptionChanges.Refused).Documented(
            "terminateSubscription", "Terminate a service", "Its last day is today. Its user name can be given to another.");
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
            : Problems.Of(SubscriptionChanges.UserNameTaken, $"Another service has the user name '{request.UserName}'.");
    }

    static async Task<Results<Ok<Page<SubscriptionView>>, ProblemHttpResult>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        CustomerId? customer = null, [AllowedValues(WithCustomer)] string? include = null,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "subscriptions", out var name, out var id))
            return Cursor.Unknown;
        await using var db = database.Open(current.Id);
        var rows = await db.Subscriptions
            .FromSql($"select * from host.subscription where (user_name, id) > ({name}, {id})").AsNoTracking()
            .Where(s => customer == null || s.CustomerId == customer)
            .OrderBy(s => s.UserName).ThenBy(s => s.Id)
            .Take(limit + 1)
            .ToListAsync(stop);
        var views = await SubscriptionView.ReadAsync(db, rows, stop);
        if (include == WithCustomer)
            views = await SubscriptionView.IncludeCustomersAsync(db, views, stop);
        return TypedResults.Ok(Page.Of(views, limit, view => Cursor.Of("subscriptions", view.UserName, view.Id.ToString())));
    }

    static async Task<Results<Ok<SubscriptionView>, NotFound>> Get(
        SubscriptionId id, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        [AllowedValues(WithCustomer)] string? include = null)
    {
        await using var db = database.Open(current.Id);
        if (await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, stop) is not { } subscription)
            return TypedResults.NotFound();
        var view = await SubscriptionView.ReadAsync(db, [subscription], stop);
        return TypedResults.Ok((include == WithCustomer ? await SubscriptionView.IncludeCustomersAsync(db, view, stop) : view)[0]);
    }

    static Task<Answer> Change(
        SubscriptionId id, MergePatch<Login> request, IfMatch ifMatch, CurrentTenant current, Vault vault, SubscriptionChanges changes,
        CancellationToken stop)
    {
        var login = request.ApplyTo(new Login());
        if (login.Problem() is { } problem)
            return Task.FromResult<Answer>(problem);
        var password = login.Password is { } text ? vault.Seal(SealedColumn.Password.At(current.Id, id.Value), text) : null;
        return changes.MakeAsync(id, new SubscriptionCommand.ChangeLogin(login.UserName, password), ifMatch, stop);
    }

    static Task<Answer> Activate(SubscriptionId id, IfMatch ifMatch, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.Activate(), ifMatch, stop);

    static Task<Answer> ChangePlan(
        SubscriptionId id, NewPlan request, IfMatch ifMatch, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.ChangePlan(request.Plan), ifMatch, stop);

    static Task<Answer> PutOnHold(SubscriptionId id, IfMatch ifMatch, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.PutOnHold(), ifMatch, stop);

    static Task<Answer> Resume(SubscriptionId id, IfMatch ifMatch, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.Resume(), ifMatch, stop);

    static Task<Answer> Suspend(SubscriptionId id, NewLock request, IfMatch ifMatch, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.Lock(request.Reason, request.Mode, request.Note), ifMatch, stop);

    static Task<Answer> Restore(SubscriptionId id, OldLock request, IfMatch ifMatch, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.Unlock(request.Reason), ifMatch, stop);

    static Task<Answer> Terminate(SubscriptionId id, IfMatch ifMatch, SubscriptionChanges changes, CancellationToken stop)
        => changes.MakeAsync(id, new SubscriptionCommand.Terminate(), ifMatch, stop);
}
