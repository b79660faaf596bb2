using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Retention;

/// <summary>What a tenant chooses for itself.</summary>
sealed class OwnRetention(
    IDbContextFactory<HostDb> host, TenantDatabase<IspDb> database, ICurrentTenant current, ITenants tenants)
{
    /// <param name="subject">The table.</param>
    /// <param name="days">Null for as long as the operator keeps it.</param>
    /// <param name="ifMatch">What the caller has seen.</param>
    /// <param name="stop">The caller has gone.</param>
    public async Task<Results<Ok<OwnRetentionView>, NotFound, ProblemHttpResult>> SetAsync(
        string subject, int? days, IfMatch ifMatch, CancellationToken stop)
    {
        await using var above = await host.CreateDbContextAsync(stop);
        if (await above.Retention.AsNoTracking().SingleOrDefaultAsync(rule => rule.Subject == subject, stop) is not { } rule)
            return TypedResults.NotFound();
        if (days < rule.LeastDays || days > rule.Days)
            return Problems.Field("days", $"{rule.LeastDays} to {rule.Days}");

        await using var db = database.Open(current.Id);
        var row = await db.TenantRetention.SingleOrDefaultAsync(row => row.Subject == subject, stop);
        if (ifMatch.IsMissedBy(OwnRetentionView.Of(rule, row?.Days)))
            return Refusals.Of(Refusals.PreconditionFailed);
        if (days is { } chosen && row is not null)
            row.Days = chosen;
        else if (days is { } first)
            db.TenantRetention.Add(new TenantRetention { Subject = subject, Days = first });
        else if (row is not null)
            db.TenantRetention.Remove(row);
        var caller = new Caller(current.Id, current.Actor, tenants.Now(current.Id));
        db.Audit(caller, "retention.set", $"retention/{subject}", new { Days = days });
        return await db.TrySaveAsync(stop) is SaveOutcome.Saved
            ? TypedResults.Ok(OwnRetentionView.Of(rule, days))
            : Refusals.Of(Refusals.ChangedMeanwhile);
    }
}
