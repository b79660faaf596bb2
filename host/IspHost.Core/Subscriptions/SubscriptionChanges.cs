using IspHost.Core.ApiKeys;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IspHost.Core.Subscriptions;

/// <summary>Changes that the present request makes to a service.</summary>
sealed class SubscriptionChanges(CurrentTenant current, Lifecycle lifecycle, Answers answers)
{
    public static readonly ProblemType Refused = new(
        "subscription-state", StatusCodes.Status409Conflict, "Conflict",
        "A service in this state cannot be changed so: look at its `state`. What has ended never begins again.");

    public static readonly ProblemType NoSuchLock = new(
        "not-locked", StatusCodes.Status409Conflict, "Conflict", "The service has no lock for this reason: look at its `locks`.");

    public static readonly ProblemType UserNameTaken = new(
        "user-name-taken", StatusCodes.Status409Conflict, "Conflict", "Another service that has not ended has this user name.");

    /// <param name="id">The service.</param>
    /// <param name="command">What is to be done.</param>
    /// <param name="ifMatch">What the caller has seen of the service.</param>
    /// <param name="stop">The caller has gone.</param>
    public async Task<Results<Ok<SubscriptionView>, NotFound, ProblemHttpResult>> MakeAsync(
        SubscriptionId id, SubscriptionCommand command, IfMatch ifMatch, CancellationToken stop)
    {
        SubscriptionView? changed = null;
        try
        {
            return await lifecycle.RunAsync(current.Caller, id, command, IsSeen, KeepAsync, stop) switch
            {
                LifecycleResult.Done => TypedResults.Ok(changed),
                LifecycleResult.Refused(var state) => Problems.Of(
                    Refused, $"That cannot be done to a service that is {state.ToString().ToLowerInvariant()}."),
                LifecycleResult.NotLocked(var reason) => Problems.Of(
                    NoSuchLock, $"The service has no lock for {reason.ToString().ToLowerInvariant()}."),
                LifecycleResult.Broken(var field, var rule) => Problems.Field(field, rule),
                LifecycleResult.NotSeen => Refusals.Of(Refusals.PreconditionFailed),
                _ => TypedResults.NotFound(),
            };
        }
        catch (DbUpdateException cause) when (
            cause.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Refusals.Of(UserNameTaken);
        }

        async Task<bool> IsSeen(IspDb db, Subscription subscription, CancellationToken token)
            => !ifMatch.IsGiven || !ifMatch.IsMissedBy((await SubscriptionView.ReadAsync(db, [subscription], token))[0]);

        async Task KeepAsync(IspDb db, Subscription subscription, CancellationToken token)
        {
            changed = (await SubscriptionView.ReadAsync(db, [subscription], token))[0];
            await answers.KeepAsync((NpgsqlConnection)db.Database.GetDbConnection(), TypedResults.Ok(changed), token);
        }
    }
}
