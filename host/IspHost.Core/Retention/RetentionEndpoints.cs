using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
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
        var all = api.MapGroup("/retention").WithTags("Retention").ForOperators();
        var own = api.MapGroup("/retention/own").WithTags("Retention").ForTenants("retention");

        all.MapGet("/", List);
        all.MapPut("/{subject}", Set);
        own.MapGet("/", ListOwn);
        own.MapPut("/{subject}", SetOwn);
    }

    static async Task<Ok<List<RetentionView>>> List(IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        var rules = await db.Retention.AsNoTracking().OrderBy(rule => rule.Subject).ToListAsync(stop);
        return TypedResults.Ok(rules.ConvertAll(RetentionView.Of));
    }

    static async Task<Results<Ok<RetentionView>, NotFound, ProblemHttpResult>> Set(
        string subject, KeptDays request, ICurrentTenant current, IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.Retention.SingleOrDefaultAsync(rule => rule.Subject == subject, stop) is not { } rule)
            return TypedResults.NotFound();
        if (request.Days is not { } days || days < rule.LeastDays || days > MostDays)
            return Problems.Field("days", $"{rule.LeastDays} to {MostDays}");

        rule.Days = days;
        db.Audit(current.Actor, "retention.set", $"retention/{subject}", new { days });
        await db.SaveChangesAsync(stop);
        return TypedResults.Ok(RetentionView.Of(rule));
    }

    static async Task<Ok<List<OwnRetentionView>>> ListOwn(
        ICurrentTenant current, IDbContextFactory<HostDb> host, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var above = await host.CreateDbContextAsync(stop);
        var rules = await above.Retention.AsNoTracking().OrderBy(rule => rule.Subject).ToListAsync(stop);
        await using var db = database.Open(current.Id);
        var own = await db.TenantRetention.AsNoTracking().ToDictionaryAsync(row => row.Subject, row => row.Days, stop);
        return TypedResults.Ok(
            rules.ConvertAll(rule => OwnRetentionView.Of(rule, own.TryGetValue(rule.Subject, out var days) ? days : null)));
    }

    static async Task<Results<Ok<OwnRetentionView>, NotFound, ProblemHttpResult>> SetOwn(
        string subject, KeptDays request, ICurrentTenant current, ITenants tenants, IDbContextFactory<HostDb> host,
        TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var above = await host.CreateDbContextAsync(stop);
        if (await above.Retention.AsNoTracking().SingleOrDefaultAsync(rule => rule.Subject == subject, stop) is not { } rule)
            return TypedResults.NotFound();
        if (request.Days < rule.LeastDays || request.Days > rule.Days)
            return Problems.Field("days", $"{rule.LeastDays} to {rule.Days}, or null for as long as the operator keeps it");

        await using var db = database.Open(current.Id);
        await db.TenantRetention.Where(row => row.Subject == subject).ExecuteDeleteAsync(stop);
        if (request.Days is { } days)
            db.TenantRetention.Add(new TenantRetention { Subject = subject, Days = days });
        var caller = new Caller(current.Id, current.Actor, tenants.Now(current.Id));
        db.Audit(caller, "retention.set", $"retention/{subject}", new { request.Days });
        await db.SaveChangesAsync(stop);
        return TypedResults.Ok(OwnRetentionView.Of(rule, request.Days));
    }
}

/// <summary>For how many days something is kept.</summary>
public sealed record KeptDays(int? Days);

/// <summary>How long rows of a table are kept, and how far letting go of them has come.</summary>
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
