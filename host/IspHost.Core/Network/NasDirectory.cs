using System.Collections.Frozen;
using System.Net;
using IspHost.Core.Database;
using IspHost.Core.Secrets;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Nas;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Network;

/// <summary>All access servers of all tenants, in memory.</summary>
public sealed class NasDirectory(TenantDatabase<IspDb> database, TenantDirectory tenants, Vault vault) : INasDevices
{
    readonly Dictionary<TenantId, IReadOnlyList<NasDevice>> byTenant = [];
    volatile FrozenDictionary<IPAddress, NasDevice[]> byAddress = FrozenDictionary<IPAddress, NasDevice[]>.Empty;
    volatile FrozenDictionary<NasId, NasDevice> byId = FrozenDictionary<NasId, NasDevice>.Empty;

    /// <inheritdoc/>
    public IReadOnlyList<NasDevice> At(IPAddress source)
        => byAddress.GetValueOrDefault(source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source) ?? [];

    /// <inheritdoc/>
    public NasDevice? Find(TenantId tenant, NasId nas)
        => byId.GetValueOrDefault(nas) is { } device && device.Tenant == tenant ? device : null;

    /// <summary>Reads the devices again that the change concerns.</summary>
    public async Task OnChangeAsync(Change change, CancellationToken cancellationToken)
    {
        if (!change.Concerns("nas_device"))
            return;
        foreach (var tenant in change.Tenant == default ? tenants.All.Select(tenant => tenant.Id) : [change.Tenant])
            byTenant[tenant] = await ReadAsync(tenant, cancellationToken);
        var all = byTenant.Values.SelectMany(devices => devices).ToList();
        byId = all.ToFrozenDictionary(device => device.Id);
        byAddress = all.GroupBy(device => device.Address).ToFrozenDictionary(devices => devices.Key, devices => devices.ToArray());
    }

    async Task<IReadOnlyList<NasDevice>> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var db = database.Open(tenant);
        var rows = await db.NasAccounts.AsNoTracking().ToListAsync(cancellationToken);
        return rows.ConvertAll(row => new NasDevice
        {
            Id = row.Id,
            Tenant = tenant,
            Address = row.Address,
            Secret = vault.OpenBytes(tenant, row.Secret),
            Vendor = row.Vendor,
            RequireMessageAuthenticator = row.RequireMessageAuthenticator,
            ChangePort = row.ChangePort,
        });
    }
}
