using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Retention;
using IspHost.Core.Web;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Tenants;

/// <summary>Sets test clocks for the endpoints.</summary>
sealed class TenantClocks(
    IDbContextFactory<HostDb> host, TenantDirectory directory, UsageMonths months, IClock clock, ICurrentTenant current)
{
    /// <param name="code">Whose.</param>
    /// <param name="time">Null for the present.</param>
    /// <param name="ifMatch">What the caller has seen of the tenant.</param>
    /// <param name="stop">The caller has gone.</param>
    public async Task<Results<Ok<TenantView>, NotFound, ProblemHttpResult>> SetAsync(
        string code, Instant? time, IfMatch ifMatch, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.Tenants.SingleOrDefaultAsync(tenant => tenant.Code == code, stop) is not { } tenant)
            return TypedResults.NotFound();
        if (ifMatch.IsMissedBy(TenantView.Of(tenant)))
            return Refusals.Of(Refusals.PreconditionFailed);
        if (!(time is { } given ? tenant.TryAdvanceTo(given) : tenant.TryReturnTo(clock.GetCurrentInstant())))
        {
            return Problems.Of(
                TenantEndpoints.ClockGoesBack, $"The test clock stands at {tenant.TestClock} and only goes forward.");
        }
        await months.EnsureAsync(time ?? clock.GetCurrentInstant(), stop);
        db.Audit(current.Actor, "tenant.set_clock", $"tenant/{tenant.Code}", new { Now = time });
        if (await db.TrySaveAsync(stop) is not SaveOutcome.Saved)
            return Refusals.Of(Refusals.ChangedMeanwhile);
        await directory.ReadAsync(tenant.Id, stop);
        return TypedResults.Ok(TenantView.Of(tenant));
    }
}
