using System.ComponentModel.DataAnnotations;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Retention;

/// <summary>How long rows are kept: for all tenants by the operator, and by a tenant for itself.</summary>
public static class RetentionEndpoints
{
    const int MostDays = 36_525;

    /// <summary>Maps <c>/retention</c>.</summary>
    public static void MapRetention(this IEndpointRouteBuilder api)
    {
        var all = api.MapGroup("/retention").InChapter("Retention", "For how long rows are kept.").ForOperators();
        var own = api.MapGroup("/retention/own").InChapter("Retention", "For how long rows are kept.").ForTenants("retention");

        all.MapGet("/", List).Documented(
            "listRetention", "List for how long rows are kept", "By table: what holds for tenants that say nothing.");
        all.MapPut("/{subject}", Set).Documented(
            "setRetention", "Set for how long rows are kept",
            "For all tenants. What is older goes with the next rounds, and does not come back.");
        own.MapGet("/", ListOwn).Documented("listOwnRetention", "List for how long a tenant's rows are kept", "By table.");
        own.MapPut("/{subject}", SetOwn).Documented(
            "setOwnRetention", "Set for how long a tenant's rows are kept", "Between what law or use demands and what the operator keeps.");
        own.MapDelete("/{subject}", RemoveOwn).Documented(
            "removeOwnRetention", "Keep a tenant's rows as the operator does", "Takes back what the tenant has chosen.");
    }

    static async Task<Results<Ok<Page<RetentionView>>, ProblemHttpResult>> List(
        IDbContextFactory<HostDb> host, CancellationToken stop, [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "retention", out string? after))
            return Cursor.Unknown;
        await using var db = await host.CreateDbContextAsync(stop);
        return TypedResults.Ok((await PageAsync(db, after, limit, stop)).Select(RetentionView.Of));
    }

    static async Task<Page<RetentionRule>> PageAsync(HostDb db, string? after, int limit, CancellationToken stop)
    {
        var rules = await db.Retention.AsNoTracking()
            .Where(rule => after == null || string.Compare(rule.Subject, after) > 0)
            .OrderBy(rule => rule.Subject)
            .Take(limit + 1)
            .ToListAsync(stop);
        return Page.Of(rules, limit, rule => Cursor.Of("retention", rule.Subject));
    }

    static async Task<Results<Ok<RetentionView>, NotFound, ProblemHttpResult>> Set(
        string subject, KeptDays request, IfMatch ifMatch, ICurrentTenant current, IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.Retention.SingleOrDefaultAsync(rule => rule.Subject == subject, stop) is not { } rule)
            return TypedResults.NotFound();
        if (ifMatch.IsMissedBy(RetentionView.Of(rule)))
            return Refusals.Of(Refusals.PreconditionFailed);
        if (request.Days < rule.LeastDays || request.Days > MostDays)
            return Problems.Field("days", $"{rule.LeastDays} to {MostDays}");

        rule.Days = request.Days;
        db.Audit(current.Actor, "retention.set", $"retention/{subject}", new { request.Days });
        await db.SaveChangesAsync(stop);
        return TypedResults.Ok(RetentionView.Of(rule));
    }

    static async Task<Results<Ok<Page<OwnRetentionView>>, ProblemHttpResult>> ListOwn(
        ICurrentTenant current, IDbContextFactory<HostDb> host, TenantDatabase<IspDb> database, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "retention", out string? after))
            return Cursor.Unknown;
        await using var above = await host.CreateDbContextAsync(stop);
        var rules = await PageAsync(above, after, limit, stop);
        await using var db = database.Open(current.Id);
        var own = await db.TenantRetention.AsNoTracking().ToDictionaryAsync(row => row.Subject, row => row.Days, stop);
        return TypedResults.Ok(
            rules.Select(rule => OwnRetentionView.Of(rule, own.TryGetValue(rule.Subject, out var days) ? days : null)));
    }

    static Task<Results<Ok<OwnRetentionView>, NotFound, ProblemHttpResult>> SetOwn(
        string subject, KeptDays request, IfMatch ifMatch, OwnRetention own, CancellationToken stop)
        => own.SetAsync(subject, request.Days, ifMatch, stop);

    static Task<Results<Ok<OwnRetentionView>, NotFound, ProblemHttpResult>> RemoveOwn(
        string subject, IfMatch ifMatch, OwnRetention own, CancellationToken stop)
        => own.SetAsync(subject, null, ifMatch, stop);
}

/// <summary>For how many days something is kept.</summary>
/// <param name="Days">At least what law or use demands, and at most a hundred years.</param>
public sealed record KeptDays([Range(0, 36_525)] int Days);

/// <summary>How long rows of a table are kept, and how far letting go of them has come.</summary>
/// <param name="Subject">The table.</param>
/// <param name="Days">For how many days.</param>
/// <param name="LeastDays">What it must be at least.</param>
/// <param name="Reason">Why it is kept at all.</param>
/// <param name="PassedAt">When the last round ended.</param>
/// <param name="Forgotten">How many rows went in it.</param>
public sealed record RetentionView(string Subject, int Days, int LeastDays, string Reason, Instant? PassedAt, long Forgotten)
{
    internal static RetentionView Of(RetentionRule rule)
        => new(rule.Subject, rule.Days, rule.LeastDays, rule.Reason, rule.PassedAt, rule.Forgotten);
}

/// <summary>How long rows of a tenant are kept.</summary>
/// <param name="Subject">The table.</param>
/// <param name="Days">What holds.</param>
/// <param name="Own">What the tenant has chosen, if it has.</param>
/// <param name="LeastDays">What it may choose at least.</param>
/// <param name="Reason">Why it is kept at all.</param>
public sealed record OwnRetentionView(string Subject, int Days, int? Own, int LeastDays, string Reason)
{
    internal static OwnRetentionView Of(RetentionRule rule, int? own)
        => new(rule.Subject, Math.Max(rule.LeastDays, Math.Min(rule.Days, own ?? rule.Days)), own, rule.LeastDays, rule.Reason);
}
