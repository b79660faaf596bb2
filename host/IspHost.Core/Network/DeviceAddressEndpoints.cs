using System.Net;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Network;

/// <summary>Addresses that access servers of several tenants may have by the operator's word.</summary>
public static class DeviceAddressEndpoints
{
    /// <summary>Maps <c>/device-addresses</c>.</summary>
    public static void MapDeviceAddresses(this IEndpointRouteBuilder api)
    {
        var addresses = api.MapGroup("/device-addresses").WithTags("Network").ForOperators();

        addresses.MapGet("/{address}", Show).Documented(
            "getDeviceAddress", "Get who has a device address", "The tenants that may have access servers there.");
        addresses.MapPut("/{address}/tenants/{code}", Share).Documented(
            "shareDeviceAddress", "Let a tenant share a device address",
            "Of an address that another tenant named first, such as one of a hub.");
        addresses.MapDelete("/{address}/tenants/{code}", Withdraw).Documented(
            "withdrawDeviceAddress", "Withdraw a device address from a tenant",
            "It gets no more access servers there. Those that it has stay until it removes them.");
    }

    static async Task<Results<Ok<DeviceAddressView>, ProblemHttpResult>> Show(
        string address, IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        if (CanonicalText.FaultOfAddress(address, out var parsed) is { } fault)
            return Problems.Field("address", fault);
        await using var db = await host.CreateDbContextAsync(stop);
        return TypedResults.Ok(await ViewAsync(db, parsed, stop));
    }

    static async Task<Results<Ok<DeviceAddressView>, NotFound, ProblemHttpResult>> Share(
        string address, string code, TenantDirectory tenants, ICurrentTenant current, IDbContextFactory<HostDb> host,
        CancellationToken stop)
    {
        if (CanonicalText.FaultOfAddress(address, out var parsed) is { } fault)
            return Problems.Field("address", fault);
        if (tenants.Find(code) is not { } tenant)
            return TypedResults.NotFound();
        await using var db = await host.CreateDbContextAsync(stop);
        await ChangeAsync(
            db, $"""
            insert into host.device_address (address, tenant, is_shared) values ({parsed}, {tenant.Id.Value}, true) on conflict do nothing
            """, () => db.Audit(current.Actor, "device_address.share", $"device_address/{parsed}", new { tenant = code }), stop);
        return TypedResults.Ok(await ViewAsync(db, parsed, stop));
    }

    /// <summary>Access servers that are there already stay: their tenant removes them.</summary>
    static async Task<Results<NoContent, NotFound, ProblemHttpResult>> Withdraw(
        string address, string code, TenantDirectory tenants, ICurrentTenant current, IDbContextFactory<HostDb> host,
        CancellationToken stop)
    {
        if (CanonicalText.FaultOfAddress(address, out var parsed) is { } fault)
            return Problems.Field("address", fault);
        if (tenants.Find(code) is not { } tenant)
            return TypedResults.NotFound();
        await using var db = await host.CreateDbContextAsync(stop);
        await ChangeAsync(
            db, $"delete from host.device_address where address = {parsed} and tenant = {tenant.Id.Value} and is_shared",
            () => db.Audit(current.Actor, "device_address.withdraw", $"device_address/{parsed}", new { tenant = code }), stop);
        return TypedResults.NoContent();
    }

    /// <summary>What changes nothing leaves no trace.</summary>
    static async Task ChangeAsync(HostDb db, FormattableString sql, Action audit, CancellationToken stop)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(stop);
        if (await db.Database.ExecuteSqlAsync(sql, stop) > 0)
            audit();
        await db.SaveChangesAsync(stop);
        await transaction.CommitAsync(stop);
    }

    static async Task<DeviceAddressView> ViewAsync(HostDb db, IPAddress address, CancellationToken stop)
    {
        var codes = await db.Database.SqlQuery<string>($"""
            select t.code as "Value" from host.device_address a join host.tenant t on t.id = a.tenant
            where a.address = {address} order by a.is_shared, t.code
            """).ToListAsync(stop);
        return new DeviceAddressView(address.ToString(), codes);
    }
}

/// <summary>Who may have access servers at an address.</summary>
/// <param name="Address">The address.</param>
/// <param name="Tenants">Their codes: first who named it first, then those that the operator lets share it.</param>
public sealed record DeviceAddressView(string Address, IReadOnlyList<string> Tenants);
