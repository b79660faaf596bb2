using IspHost.Core.Secrets;
using IspHost.Core.Tests.Cluster;
using IspHost.Sdk;
using IspHost.Testing;

namespace IspHost.Core.Tests.Snapshots;

/// <summary>They are left out, named and counted, and stop nothing else: neither a start nor a change.</summary>
public sealed class Rows_that_cannot_be_read(PostgresFixture postgres)
{
    [Fact]
    public async Task At_the_start_stop_nothing_but_themselves()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("north");
        await database.AddTenantAsync("atlantis", zone: "Atlantic/Atlantis");
        await AddDeviceAsync(database, tenant, "10.0.0.1", _ => [1, 2, 3]);
        var vault = new Vault(VaultKeys.Of(SnapshotNode.Key));
        await AddDeviceAsync(database, tenant, "10.0.0.2", id => vault.Seal(SealedColumn.NasSecret.At(tenant, id), "secret"));
        await database.ScalarAsync<object>("insert into host.feature_flag (name, definition) values ('broken', '[]'), ('good', '{}')");

        await using var node = await SnapshotNode.StartAsync(database);

        Assert.Equal(["north"], node.Tenants.All.Select(known => known.Code));
        Assert.Equal((0, 1), (node.Devices.At(new([10, 0, 0, 1])).Count, node.Devices.At(new([10, 0, 0, 2])).Count));
        Assert.Equal((false, true), (node.Knows("broken"), node.Knows("good")));
        Assert.Equal(
            ["feature_flag", "nas_device", "tenant"], node.Unreadable.All.Select(row => row.Subject).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task While_it_runs_are_named_until_they_are_mended()
    {
        await using var database = await postgres.CreateAsync();
        await using var node = await SnapshotNode.StartAsync(database);

        await database.AddTenantAsync("atlantis", zone: "Atlantic/Atlantis");
        await Eventually.TrueAsync(() => node.Unreadable.Count == 1, "the zone is reported");
        await database.AddTenantAsync("north");
        await Eventually.TrueAsync(() => node.Tenants.Find("north") is not null, "another tenant arrives");
        await database.ScalarAsync<object>("update host.tenant set zone = 'Europe/Athens' where code = 'atlantis'");

        await Eventually.TrueAsync(() => node.Tenants.Find("atlantis") is not null, "the mended tenant arrives");
        Assert.Equal(0, node.Unreadable.Count);
    }

    [Fact]
    public async Task Two_flags_that_differ_in_case_only_leave_the_first_of_them()
    {
        await using var database = await postgres.CreateAsync();
        await database.ScalarAsync<object>("""
            drop index host.feature_flag_name;
            insert into host.feature_flag (name, definition) values ('NewBilling', '{}'), ('newbilling', '{}')
            """);

        await using var node = await SnapshotNode.StartAsync(database);

        Assert.True(node.Knows("newBilling"));
        Assert.Equal(1, node.Unreadable.Count);
    }

    static Task<object?> AddDeviceAsync(TestDatabase database, TenantId tenant, string address, Func<Guid, byte[]> secret)
    {
        var id = Guid.NewGuid();
        return database.ScalarAsync<object>($"""
            insert into host.nas_device (tenant_id, id, name, address, secret, vendor, require_message_authenticator, change_port)
            values ('{tenant}', '{id}', 'nas', '{address}', '\x{Convert.ToHexString(secret(id))}', '', true, 3799)
            """);
    }
}
