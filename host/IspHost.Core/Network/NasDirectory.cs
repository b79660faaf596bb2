using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using IspHost.Core.Changes;
using IspHost.Core.Secrets;
using IspHost.Core.Tenancy;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using Npgsql;

namespace IspHost.Core.Network;

/// <summary>All access servers of all tenants, in memory. Those of a tenant are few, and are read together.</summary>
public sealed class NasDirectory(TenantSql sql, TenantDirectory tenants, Vault vault, UnreadableRows unreadable) : INasDevices
{
    const int ReadAtOnce = 4;

    const string Devices =
        "select id, address, secret, vendor, require_message_authenticator, change_port from host.nas_device";

    readonly Lock writing = new();
    readonly Dictionary<TenantId, List<NasDevice>> byTenant = [];
    readonly ConcurrentDictionary<IPAddress, NasDevice[]> byAddress = [];
    readonly ConcurrentDictionary<NasId, NasDevice> byId = [];

    /// <inheritdoc/>
    public IReadOnlyList<NasDevice> At(IPAddress source)
        => byAddress.GetValueOrDefault(source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source) ?? [];

    /// <inheritdoc/>
    public NasDevice? Find(TenantId tenant, NasId nas)
        => byId.GetValueOrDefault(nas) is { } device && device.Tenant == tenant ? device : null;

    /// <summary>Reads again what has changed.</summary>
    internal async Task FollowAsync(ChangedRows changed, CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(
            changed.IsEverything ? await tenants.IdsAsync(cancellationToken) : [changed.Tenant],
            new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce, CancellationToken = cancellationToken },
            async (tenant, stop) =>
            {
                var read = await sql.ReadAsync(tenant, Devices, row => DeviceOf(tenant, row), stop);
                lock (writing)
                    Put(tenant, [.. read.OfType<NasDevice>()]);
            });
    }

    void Put(TenantId tenant, List<NasDevice> devices)
    {
        var before = byTenant.GetValueOrDefault(tenant, []);
        byTenant[tenant] = devices;
        foreach (var gone in before.ExceptBy(devices.Select(device => device.Id), device => device.Id))
            byId.TryRemove(gone.Id, out _);
        foreach (var device in devices)
            byId[device.Id] = device;
        foreach (var address in before.Concat(devices).Select(device => device.Address).Distinct())
        {
            NasDevice[] there =
            [
                .. At(address).Where(device => device.Tenant != tenant),
                .. devices.Where(device => device.Address.Equals(address)),
            ];
            if (there.Length > 0)
                byAddress[address] = there;
            else
                byAddress.TryRemove(address, out _);
        }
    }

    NasDevice? DeviceOf(TenantId tenant, NpgsqlDataReader row)
    {
        var id = new NasId(row.GetGuid(0));
        try
        {
            var secret = vault.OpenBytes(SealedColumn.NasSecret.At(tenant, id.Value), row.GetFieldValue<byte[]>(2));
            unreadable.Clear("nas_device", id.ToString());
            return new NasDevice
            {
                Id = id,
                Tenant = tenant,
                Address = row.GetFieldValue<IPAddress>(1),
                Secret = secret,
                Vendor = row.GetString(3),
                RequireMessageAuthenticator = row.GetBoolean(4),
                ChangePort = row.GetInt32(5),
            };
        }
        catch (CryptographicException)
        {
            unreadable.Mark(new UnreadableRow("nas_device", tenant, id.ToString(), "the vault's key does not open its secret"));
            return null;
        }
    }
}
