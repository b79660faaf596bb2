using IspHost.Core.Database;
using IspHost.Core.Hosting;
using IspHost.Core.Secrets;
using IspHost.Core.Tenancy;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IspHost.Core.Tests.Secrets;

public sealed class Rotation_of_the_vaults_keys(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Seals_everything_again_and_then_lets_the_old_key_go()
    {
        await using var node = await Node.StartAsync(postgres);
        var rows = new List<Guid>();
        for (var i = 0; i < 450; i++)
            rows.Add(await node.AddAsync($"secret {i}"));

        Assert.Equal(2, await node.Rotation.BeginAsync(Stop));
        var early = await Assert.ThrowsAsync<VaultException>(() => node.Rotation.RemoveAsync(1, Stop));
        Assert.Contains("in use", early.Message, StringComparison.Ordinal);
        await node.Rotation.RunAsync(Stop);

        Assert.Equal(new Dictionary<int, long> { [2] = 450 }, await node.Rotation.CountAsync(Stop));
        for (var i = 0; i < rows.Count; i++)
            Assert.Equal($"secret {i}", await node.OpenAsync(rows[i]));
        await node.Rotation.RemoveAsync(1, Stop);
        Assert.Equal([2], (await node.ReopenAsync()).Store.Read().Keys);
    }

    [Fact]
    public async Task Goes_on_where_a_killed_node_stopped_and_leaves_what_is_written_meanwhile()
    {
        await using var node = await Node.StartAsync(postgres);
        var first = await node.AddAsync("before");
        await node.Rotation.BeginAsync(Stop);
        var second = await node.AddAsync("after");

        await using var other = await Node.StartAsync(postgres, node);
        var third = await other.AddAsync("of a node that starts later");
        await other.Rotation.RunAsync(Stop);

        Assert.Equal(new Dictionary<int, long> { [2] = 3 }, await node.Rotation.CountAsync(Stop));
        Assert.Equal("before", await node.OpenAsync(first));
        Assert.Equal("after", await node.OpenAsync(second));
        Assert.Equal("of a node that starts later", await node.OpenAsync(third));
    }

    [Fact]
    public async Task Under_writes_loses_none_of_them()
    {
        await using var node = await Node.StartAsync(postgres);
        var rows = new List<Guid>();
        for (var i = 0; i < 50; i++)
            rows.Add(await node.AddAsync("first"));

        var writing = Task.WhenAll(rows.Select(row => node.WriteAsync(row, $"second {row}")));
        await node.Rotation.BeginAsync(Stop);
        await node.Rotation.RunAsync(Stop);
        await writing;
        await node.Rotation.RunAsync(Stop);

        foreach (var row in rows)
            Assert.Equal($"second {row}", await node.OpenAsync(row));
    }

    [Fact]
    public async Task Passes_over_a_row_that_no_key_opens_and_keeps_its_key()
    {
        await using var node = await Node.StartAsync(postgres);
        var good = await node.AddAsync("good");
        await node.SpoilAsync(await node.AddAsync("bad"));

        await node.Rotation.BeginAsync(Stop);
        await node.Rotation.RunAsync(Stop);

        Assert.Equal("good", await node.OpenAsync(good));
        Assert.Equal(new Dictionary<int, long> { [1] = 1, [2] = 1 }, await node.Rotation.CountAsync(Stop));
        await Assert.ThrowsAsync<VaultException>(() => node.Rotation.RemoveAsync(1, Stop));
    }

    [Fact]
    public async Task Knows_every_column_of_ciphertexts()
    {
        await using var database = await postgres.CreateAsync();

        var columns = await database.ScalarAsync<string>("""
            select string_agg(name, ' ' order by name) from (
              select c.relname || '.' || regexp_replace(a.attname::text, '_key$', '') as name
              from pg_constraint f join pg_class c on c.oid = f.conrelid
                join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
              where f.confrelid = 'host.vault_key'::regclass) found
            """);

        Assert.Equal(
            string.Join(' ', SealedColumn.All.Select(column => $"{column.Table}.{column.Column}").Order(StringComparer.Ordinal)), columns);
    }

    sealed class Node : IAsyncDisposable
    {
        readonly TestDatabase database;
        readonly bool ownsDatabase;
        readonly TenantId tenant;
        readonly TenantSql sql;
        readonly Vault vault;

        Node(TestDatabase database, bool ownsDatabase, TenantId tenant, TenantDirectory tenants, VaultKeys keys)
        {
            (this.database, this.ownsDatabase, this.tenant) = (database, ownsDatabase, tenant);
            sql = new TenantSql(database.Database);
            vault = new Vault(keys);
            Rotation = new VaultRotation(
                database.Database, sql, tenants, vault, keys, TimeProvider.System, NullLogger<VaultRotation>.Instance);
        }

        public VaultRotation Rotation { get; }

        HostConnections Connections => (HostConnections)database.Database;

        public static async Task<Node> StartAsync(PostgresFixture postgres, Node? beside = null)
        {
            var database = beside?.database ?? await postgres.CreateAsync();
            var tenant = beside?.tenant ?? await database.AddTenantAsync("north");
            var keys = await OpenAsync((HostConnections)database.Database);
            var tenants = new ServiceCollection().AddLogging()
                .AddSingleton<NodaTime.IClock>(NodaTime.SystemClock.Instance)
                .AddIspHost((HostConnections)database.Database, keys, new([]))
                .BuildServiceProvider().GetRequiredService<TenantDirectory>();
            await tenants.ReloadAsync(Stop);
            return new Node(database, beside is null, tenant, tenants, keys);
        }

        public Task<VaultKeys> ReopenAsync() => OpenAsync(Connections);

        public async Task<Guid> AddAsync(string secret)
        {
            var row = Guid.CreateVersion7();
            await sql.ExecuteAsync(
                tenant, """
                insert into host.nas_device (tenant_id, id, name, address, secret, vendor, require_message_authenticator, change_port)
                values ($1, $2, 'a device', ('10.0.0.0'::inet + (select count(*) from host.nas_device)), $3, '', true, 3799)
                """, Stop, tenant.Value, row, vault.Seal(PlaceOf(row), secret));
            return row;
        }

        public Task<int> WriteAsync(Guid row, string secret)
            => sql.ExecuteAsync(
                tenant, "update host.nas_device set secret = $3 where tenant_id = $1 and id = $2", Stop, tenant.Value, row,
                vault.Seal(PlaceOf(row), secret));

        public Task<int> SpoilAsync(Guid row)
            => sql.ExecuteAsync(
                tenant, """
                update host.nas_device set secret = set_byte(secret, 34, get_byte(secret, 34) # 1) where tenant_id = $1 and id = $2
                """, Stop, tenant.Value, row);

        public async Task<string> OpenAsync(Guid row)
            => vault.Open(PlaceOf(row), (await sql.ReadAsync(
                tenant, "select secret from host.nas_device where tenant_id = $1 and id = $2", found => found.GetFieldValue<byte[]>(0),
                Stop, tenant.Value, row)).Single());

        public ValueTask DisposeAsync()
        {
            Rotation.Dispose();
            return ownsDatabase ? database.DisposeAsync() : ValueTask.CompletedTask;
        }

        SealedPlace PlaceOf(Guid row) => SealedColumn.NasSecret.At(tenant, row);

        static async Task<VaultKeys> OpenAsync(HostConnections connections)
            => await VaultKeys.OpenAsync(
                connections.Connections, await OwnedVaultKeys.OpenAsync(connections.Owner!, Stop), Stop);
    }
}
