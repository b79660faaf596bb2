using System.Text.Json;
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

namespace IspHost.Core.Audit;

/// <summary>What was done, newest first.</summary>
public static class AuditEndpoints
{
    /// <summary>Maps <c>/audit</c>, of a tenant, and <c>/operator/audit</c>, of the operator.</summary>
    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        api.MapGroup("/audit").WithTags("Audit").ForTenants("audit").MapGet("/", List);
        api.MapGroup("/operator/audit").WithTags("Audit").ForOperators().MapGet("/", ListOperators);
    }

    static async Task<Ok<Page<AuditView>>> List(
        ICurrentTenant tenant, TenantDatabase<IspDb> database, CancellationToken stop, string? target = null, Guid? cursor = null,
        int limit = 50)
    {
        await using var db = database.Open(tenant.Id);
        var size = Page.Size(limit);
        var rows = await db.AuditRecords.AsNoTracking()
            .Where(record => target == null || record.Object == target)
            .Where(record => cursor == null || record.Id < cursor)
            .OrderByDescending(record => record.Id)
            .Take(size + 1)
            .Select(record => new AuditView(record.Id, record.HappenedAt, record.Actor, record.Action, record.Object, record.Detail))
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(rows, size, row => row.Id.ToString()));
    }

    static async Task<Ok<Page<AuditView>>> ListOperators(
        IDbContextFactory<HostDb> host, CancellationToken stop, string? target = null, Guid? cursor = null, int limit = 50)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        var size = Page.Size(limit);
        var rows = await db.OperatorRecords.AsNoTracking()
            .Where(record => target == null || record.Object == target)
            .Where(record => cursor == null || record.Id < cursor)
            .OrderByDescending(record => record.Id)
            .Take(size + 1)
            .Select(record => new AuditView(record.Id, record.HappenedAt, record.Actor, record.Action, record.Object, record.Detail))
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(rows, size, row => row.Id.ToString()));
    }
}

/// <summary>An entry of the audit, as the API shows it.</summary>
public sealed record AuditView(Guid Id, Instant At, string Actor, string Action, string Object, JsonDocument? Detail);
