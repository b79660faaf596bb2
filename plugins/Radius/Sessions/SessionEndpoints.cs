using IspHost.Plugins.Radius.Changes;
using IspHost.Sdk.Data;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Plugins.Radius.Sessions;

/// <summary>Who is online, over HTTP.</summary>
static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        var sessions = api.MapGroup("/sessions").WithTags("Sessions");

        sessions.MapGet("/", List).WithSummary("Lists the sessions that run, the newest first.");
        sessions.MapGet("/{id:guid}", Get).WithSummary("Shows a session and the changes it was asked for.");
        sessions.MapPost("/{id:guid}/disconnect", Disconnect).WithSummary("Asks the access server to end a session.");
    }

    static async Task<IResult> List(
        ICurrentTenant current, LiveSessions sessions, StaleRule stale, RadiusJson json, string? user, Guid? cursor, int? limit,
        CancellationToken stop)
    {
        if (limit is < 1 or > 500)
            return TypedResults.Problem("A page has 1 to 500 sessions.", statusCode: 400, type: "/problems/invalid-limit");
        var size = limit ?? 100;
        var found = await sessions.ListAsync(current.Id, user, cursor, size + 1, stop);
        var page = found.Take(size).Select(session => SessionView.Of(session, stale.Before(current.Id, session.Subscription))).ToList();
        return TypedResults.Json(new SessionPage(page, found.Count > size ? page[^1].Id : null), json.SessionPage);
    }

    static async Task<IResult> Get(
        Guid id, ICurrentTenant current, LiveSessions sessions, ChangeRequests requests, StaleRule stale, RadiusJson json,
        CancellationToken stop)
    {
        if (await sessions.FindAsync(current.Id, id, stop) is not { } session)
            return NotFound();
        var changes = await requests.OfAsync(current.Id, id, stop);
        var view = SessionView.Of(session, stale.Before(current.Id, session.Subscription));
        return TypedResults.Json(new SessionDetail(view, changes), json.SessionDetail);
    }

    static async Task<IResult> Disconnect(
        Guid id, ICurrentTenant current, LiveSessions sessions, ChangeRequests requests, SessionChanges changes, ITenants tenants,
        IAnswers answers, RadiusJson json, CancellationToken stop)
    {
        if (await sessions.FindAsync(current.Id, id, stop) is not { } session)
            return NotFound();
        // A repetition asks the access server only if the first attempt has not come so far.
        var before = answers.Request is { } repeated ? await requests.FindAsync(current.Id, repeated, stop) : null;
        if (before is { FinishedAt: not null })
            return Accepted(before, json);
        if (before is null && !session.IsOpen)
            return TypedResults.Problem("The session has ended.", statusCode: 409, type: "/problems/session-ended");
        var order = new ChangeOrder
        {
            Request = answers.Request ?? Guid.CreateVersion7(),
            Session = id,
            Access = AccessMode.Blocked,
            Reason = "Asked for by an operator.",
            By = current.Actor,
            AsOf = tenants.Now(current.Id),
            Cut = true,
        };
        await changes.SendAsync(current.Id, order, stop);
        return await requests.FindAsync(current.Id, order.Request, stop) is { } request
            ? Accepted(request, json)
            : NotFound();
    }

    static JsonHttpResult<ChangeRequest> Accepted(ChangeRequest request, RadiusJson json)
        => TypedResults.Json(request, json.ChangeRequest, statusCode: StatusCodes.Status202Accepted);

    static ProblemHttpResult NotFound()
        => TypedResults.Problem("There is no such session.", statusCode: 404, type: "/problems/session-not-found");
}
