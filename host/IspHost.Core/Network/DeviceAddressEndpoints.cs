using System.Net;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
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
        var addresses = api.MapGroup("/device-addresses").WithTags("Network").RequireAuthorization(Policies.Operator);

        addresses.MapGet("/{address}", Show);
        addresses.MapPut("/{address}/tenants/{code}", Share);
        addresses.MapDelete("/{address}/tenants/{code}", Withdraw);
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
        string address, string code, TenantDirectory tenants, IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        if (CanonicalText.FaultOfAddress(address, out var parsed) is { } fault)
            return Problems.Field("address", fault);
        if (tenants.Find(code) is not { } tenant)
            return TypedResults.NotFound();
        await using var db = await host.CreateDbContextAsync(stop);
        await db.Database.ExecuteSqlAsync($"""
            insert into host.device_address (address, tenant, is_shared) values ({parsed}, {tenant.Id.Value}, true) on conflict do nothing
            """, stop);
        return TypedResults.Ok(await ViewAsync(db, parsed, stop));
    }

    /// <summary>Access servers that are there already stay: their tenant removes them.</summary>
    static async Task<Results<NoContent, NotFound, ProblemHttpResult>> Withdraw(
        string address, string code, TenantDirectory tenants, IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        if (CanonicalText.FaultOfAddress(address, out var parsed) is { } fault)
            return Problems.Field("address", fault);
        if (tenants.Find(code) is not { } tenant)
            return TypedResults.NotFound();
        await using var db = await host.CreateDbContextAsync(stop);
        await db.Database.ExecuteSqlAsync(
            $"delete from host.device_address where address = {parsed} and tenant = {tenant.Id.Value} and is_shared", stop);
        return TypedResults.NoContent();
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
