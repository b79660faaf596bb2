using IspHost.Plugins.Radius.Changes;
using IspHost.Sdk.Data;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
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
        var sessions = api.MapGroup("/sessions").InChapter("Sessions", "Who is online, and since when.");

        sessions.MapGet("/", List).Documented(
            "listSessions", "List sessions that run", "The newest first; those of one user name, if it is given.");
        sessions.MapGet("/{id}", Get).Documented(
            "getSession", "Get a session", "One that runs or has ended, and the changes it was asked for.");
        sessions.MapPost("/{id}/disconnect", Disconnect).Refuses(Ended).Documented(
            "disconnectSession", "End a session", "Asks the access server to. Watch the session for what came of it.");
    }

    static readonly ProblemType Ended = new("session-ended", StatusCodes.Status409Conflict, "Conflict", "The session has ended already.");

    static async Task<Results<Ok<Page<SessionView>>, ProblemHttpResult>> List(
        ICurrentTenant current, LiveSessions sessions, StaleRule stale, CancellationToken stop, [Line(253)] string? user = null,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "sessions", out Guid? before))
            return Cursor.Unknown;
        var found = await sessions.ListAsync(current.Id, user, before, limit + 1, stop);
        return TypedResults.Ok(Page.Of(found, limit, session => Cursor.Of("sessions", session.Id.ToString()))
            .Select(session => SessionView.Of(session, stale.Before(current.Id, session.Subscription))));
    }

    static async Task<Results<Ok<SessionDetail>, NotFound>> Get(
        Guid id, ICurrentTenant current, LiveSessions sessions, ChangeRequests requests, StaleRule stale, CancellationToken stop)
    {
        if (await sessions.FindAsync(current.Id, id, stop) is not { } session)
            return TypedResults.NotFound();
        var changes = await requests.OfAsync(current.Id, id, stop);
        return TypedResults.Ok(
            new SessionDetail(SessionView.Of(session, stale.Before(current.Id, session.Subscription)), changes));
    }

    static async Task<Results<Accepted<ChangeRequest>, NotFound, ProblemHttpResult>> Disconnect(
        Guid id, ICurrentTenant current, LiveSessions sessions, ChangeRequests requests, SessionChanges changes, ITenants tenants,
        IAnswers answers, CancellationToken stop)
    {
        if (await sessions.FindAsync(current.Id, id, stop) is not { } session)
            return TypedResults.NotFound();
        // A repetition asks the access server only if the first attempt has not come so far.
        var before = answers.Request is { } repeated ? await requests.FindAsync(current.Id, repeated, stop) : null;
        if (before is { FinishedAt: not null })
            return Accepted(before);
        if (before is null && !session.IsOpen)
            return Problems.Of(Ended, "The session has ended.");
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
        return await requests.FindAsync(current.Id, order.Request, stop) is { } request ? Accepted(request) : TypedResults.NotFound();
    }

    static Accepted<ChangeRequest> Accepted(ChangeRequest request)
        => TypedResults.Accepted($"/api/v1/sessions/{request.Session}", request);
}
