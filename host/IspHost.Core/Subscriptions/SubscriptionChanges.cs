using IspHost.Core.ApiKeys;
using IspHost.Core.Idempotency;
using IspHost.Core.Web;
using IspHost.Sdk;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Core.Subscriptions;

/// <summary>Changes that the present request makes to a service.</summary>
sealed class SubscriptionChanges(CurrentTenant current, Lifecycle lifecycle, Answers answers)
{
    public async Task<Results<Ok<LifecycleView>, NotFound, ProblemHttpResult>> MakeAsync(
        SubscriptionId id, SubscriptionCommand command, CancellationToken stop)
        => await lifecycle.RunAsync(
            current.Caller, id, command, (connection, done, token) => answers.KeepAsync(connection, AnswerTo(done), token), stop) switch
        {
            LifecycleResult.Done done => AnswerTo(done),
            LifecycleResult.Refused(var state)
                => Problems.Conflict("subscription-state", $"That cannot be done to a service that is {state}."),
            _ => TypedResults.NotFound(),
        };

    static Ok<LifecycleView> AnswerTo(LifecycleResult.Done done) => TypedResults.Ok(new LifecycleView(done.State, done.Access));
}
