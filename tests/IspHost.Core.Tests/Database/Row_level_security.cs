using IspHost.Testing;
using Npgsql;

namespace IspHost.Core.Tests.Database;

public sealed class Row_level_security(PostgresFixture postgres)
{
    /// <summary>But for the ids of what is due: nodes take it for all tenants, and what they point to has it.</summary>
    [Fact]
    public async Task Every_table_with_a_tenant_has_it_switched_on_forced_and_with_a_policy_for_reading_and_writing()
    {
        await using var test = await postgres.CreateAsync();

        Assert.Equal("", await test.ScalarAsync<string>("""
            select coalesce(string_agg(c.oid::regclass::text, ', '), '')
            from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
            where c.relkind in ('r', 'p') and c.oid <> 'host.due'::regclass and not (c.relrowsecurity and c.relforcerowsecurity and exists (
              select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polqual is not null and p.polwithcheck is not null))
            """));
    }

    [Fact]
    public async Task Every_unique_key_of_a_tenant_table_starts_with_the_tenant()
    {
        await using var test = await postgres.CreateAsync();

        Assert.Equal("", await test.ScalarAsync<string>("""
            select coalesce(string_agg(i.indexrelid::regclass::text, ', '), '')
            from pg_index i
            join pg_class c on c.oid = i.indrelid and c.relkind in ('r', 'p')
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
            where i.indisunique and i.indkey[0] <> a.attnum
            """));
    }

    [Fact]
    public async Task Every_foreign_key_between_tenant_tables_carries_the_tenant()
    {
        await using var test = await postgres.CreateAsync();

        Assert.Equal("", await test.ScalarAsync<string>("""
            select coalesce(string_agg(k.conname || ' of ' || k.conrelid::regclass, ', '), '')
            from pg_constraint k
            join pg_attribute mine on mine.attrelid = k.conrelid and mine.attname = 'tenant_id'
            join pg_attribute theirs on theirs.attrelid = k.confrelid and theirs.attname = 'tenant_id'
            where k.contype = 'f' and not (mine.attnum = any (k.conkey) and theirs.attnum = any (k.confkey))
            """));
    }

    [Fact]
    public async Task The_application_sees_nothing_without_naming_a_tenant_and_cannot_write_for_another_one()
    {
        await using var test = await postgres.CreateAsync();
        var (mine, theirs) = (await test.AddTenantAsync("mine"), await test.AddTenantAsync("theirs"));
        await RunAsync(test, mine.ToString(), $"insert into host.audit values ('{mine}', '{mine}', now(), 'test', 'test', 'test')");

        Assert.Equal(0L, await CountAsync(test, ""));
        Assert.Equal(1L, await CountAsync(test, mine.ToString()));
        Assert.Equal(0L, await CountAsync(test, theirs.ToString()));
        var refused = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(
            test, theirs.ToString(), $"insert into host.audit values ('{mine}', '{theirs}', now(), 'test', 'test', 'test')"));
        Assert.Equal("42501", refused.SqlState);
    }

    [Theory]
    [InlineData("update host.audit set actor = 'nobody'")]
    [InlineData("delete from host.audit")]
    [InlineData("update host.operator_audit set actor = 'nobody'")]
    [InlineData("delete from host.operator_audit")]
    [InlineData("delete from host.usage")]
    [InlineData("update host.plan_version set recurring = 0")]
    [InlineData("select * from host.usage_other")]
    [InlineData("select * from isphost_owner.secret")]
    [InlineData("update orleans.orleansquery set querytext = ''")]
    [InlineData("create table host.mine (id int)")]
    public async Task The_application_may_not(string statement)
    {
        await using var test = await postgres.CreateAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(test, "", statement));

        Assert.Equal("42501", refused.SqlState);
    }

    static async Task RunAsync(TestDatabase test, string tenant, string statement)
    {
        await using var command = test.Database.Connections.CreateCommand(
            $"select set_config('app.tenant', '{tenant}', true); {statement}");
        await command.ExecuteNonQueryAsync();
    }

    static async Task<long> CountAsync(TestDatabase test, string tenant)
    {
        await using var connection = await test.Database.Connections.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var set = new NpgsqlCommand($"select set_config('app.tenant', '{tenant}', true)", connection);
        await set.ExecuteNonQueryAsync();
        await using var count = new NpgsqlCommand("select count(*) from host.audit", connection);
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
