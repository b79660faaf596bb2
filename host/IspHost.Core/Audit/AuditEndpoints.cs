using System.Text.Json;
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

namespace IspHost.Core.Audit;

/// <summary>What was done, newest first.</summary>
public static class AuditEndpoints
{
    /// <summary>Maps <c>/audit</c>, of a tenant, and <c>/operator/audit</c>, of the operator.</summary>
    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        api.MapGroup("/audit").InChapter("Audit", "Who did what, and when.").ForTenants("audit").MapGet("/", List).Documented(
            "listAudit", "List what was done", "For the tenant, the newest first. `target` is what it was done to, such as `customer/ID`.");
        api.MapGroup("/operator/audit").InChapter("Audit", "Who did what, and when.").ForOperators().MapGet("/", ListOperators).Documented(
            "listOperatorAudit", "List what the operator did",
            "The newest first. `target` is what it was done to, such as `plugin/Billing`.");
    }

    static async Task<Results<Ok<Page<AuditView>>, ProblemHttpResult>> List(
        ICurrentTenant tenant, TenantDatabase<IspDb> database, CancellationToken stop, [Line(300)] string? target = null,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "audit", out Guid? before))
            return Cursor.Unknown;
        await using var db = database.Open(tenant.Id);
        var rows = await db.AuditRecords.AsNoTracking()
            .Where(record => target == null || record.Object == target)
            .Where(record => before == null || record.Id < before)
            .OrderByDescending(record => record.Id)
            .Take(limit + 1)
            .Select(record => new AuditView(record.Id, record.HappenedAt, record.Actor, record.Action, record.Object, record.Detail))
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(rows, limit, row => Cursor.Of("audit", row.Id.ToString())));
    }

    static async Task<Results<Ok<Page<AuditView>>, ProblemHttpResult>> ListOperators(
        IDbContextFactory<HostDb> host, CancellationToken stop, [Line(300)] string? target = null, [Cursor] string? cursor = null,
        [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "operator-audit", out Guid? before))
            return Cursor.Unknown;
        await using var db = await host.CreateDbContextAsync(stop);
        var rows = await db.OperatorRecords.AsNoTracking()
            .Where(record => target == null || record.Object == target)
            .Where(record => before == null || record.Id < before)
            .OrderByDescending(record => record.Id)
            .Take(limit + 1)
            .Select(record => new AuditView(record.Id, record.HappenedAt, record.Actor, record.Action, record.Object, record.Detail))
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(rows, limit, row => Cursor.Of("operator-audit", row.Id.ToString())));
    }
}

/// <summary>An entry of the audit, as the API shows it.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="At">When it happened.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Action">What was done, such as <c>customer.change</c>.</param>
/// <param name="Object">What it was done to, such as <c>customer/ID</c>.</param>
/// <param name="Detail">What else is known of it: an object whose fields depend on the action.</param>
public sealed record AuditView(Guid Id, Instant At, string Actor, string Action, string Object, JsonDocument? Detail);
