using IspHost.Core.Database;
using IspHost.PluginRuntime;
using IspHost.Testing;
using Npgsql;

namespace IspHost.Core.Tests.Secrets;

public sealed class Rows_from_before_scopes_and_key_numbers(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task May_do_everything_and_belong_to_the_first_key()
    {
        await using var owner = NpgsqlDataSource.Create(await postgres.CreateEmptyAsync());
        var before = HostSchema.Platform.Scripts.Where(script => script.Number < 9).Select(script => (script.Name, script.Sql));
        await new Migrator(owner).UpgradeAsync(SchemaScripts.Of("host", before), Stop);
        await using (var rows = owner.CreateCommand("""
            insert into host.tenant (id, code, legal_name, country, currency, zone, tax_engine)
            values ('00000000-0000-0000-0000-000000000001', 'north', 'North', 'GR', 'EUR', 'Europe/Athens', 'vat');
            insert into host.api_key (tenant_id, prefix, hash, name)
            values ('00000000-0000-0000-0000-000000000001', 'abcdefgh', sha256('x'), 'old');
            insert into host.operator_key (prefix, hash, name) values ('abcdefgh', sha256('x'), 'old');
            insert into host.nas_device (tenant_id, id, name, address, secret, vendor, require_message_authenticator, change_port)
            values ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), 'a', '10.0.0.1', '\x0102030405060708', '', true, 3799)
            """))
            await rows.ExecuteNonQueryAsync(Stop);

        await new Migrator(owner).UpgradeAsync(HostSchema.Platform, Stop);

        await using var found = owner.CreateCommand("""
            select array_to_string(a.scopes || o.scopes, ' ') || ' ' || secret_key
            from host.api_key a, host.operator_key o, host.nas_device
            """);
        Assert.Equal("all all 1", await found.ExecuteScalarAsync(Stop));
    }
}
