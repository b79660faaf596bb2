using IspHost.Core.Database;
using IspHost.PluginRuntime;
using IspHost.Sdk;
using IspHost.Testing;
using Npgsql;
using NuGet.Versioning;

namespace IspHost.Core.Tests.Database;

public sealed class Schemas_of_plugins(PostgresFixture postgres)
{
    const string Things = "create table shop.thing (tenant_id uuid not null, id int, name text, primary key (tenant_id, id))";
    const string Refused = PostgresErrorCodes.InsufficientPrivilege;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_protected_without_a_word_of_their_scripts()
    {
        await using var database = await postgres.CreateAsync();
        var (mine, theirs) = (await database.AddTenantAsync("mine"), await database.AddTenantAsync("theirs"));
        await UpgradeAsync(database, Things);
        foreach (var tenant in (TenantId[])[mine, theirs])
            await RunAsync(database, tenant, $"insert into shop.thing values ('{tenant}', 1, 'a thing')");

        Assert.Equal(1, await RunAsync(database, mine, "update shop.thing set name = 'mine'"));
        Assert.Equal(Refused, await StateAsync(database, mine, $"insert into shop.thing values ('{theirs}', 2, 'a thing')"));
        Assert.Equal("mine,a thing", await database.ScalarAsync<string>(
            $"select string_agg(name, ',' order by tenant_id = '{theirs}') from shop.thing"));
    }

    [Theory]
    [InlineData(
        "create table shop.rate (id int)",
        "shop.rate: it has no tenant_id: give it one, or say with host.share why it is no tenant's")]
    [InlineData(
        Things + "; select host.protect('shop.thing'); alter table shop.thing no force row level security",
        "shop.thing: row-level security is not enabled and forced: leave that to the host")]
    [InlineData(
        Things + "; select host.protect('shop.thing'); create policy all_of_them on shop.thing using (true)",
        "shop.thing: it has another policy than that of one tenant: leave that to the host")]
    [InlineData(
        Things + "; alter table shop.thing enable row level security, force row level security; create policy p on shop.thing using (true)",
        "shop.thing: it has another policy than that of one tenant: leave that to the host")]
    [InlineData(
        Things + "; create view shop.things as select * from shop.thing",
        "shop.things: a view shows rows of all tenants unless it is made with (security_invoker = true)")]
    [InlineData(
        Things + "; create materialized view shop.things as select * from shop.thing",
        "shop.things: a materialized view has no row-level security")]
    public async Task Are_refused_by_name_if_they_would_be_open_and_leave_nothing_behind(string script, string reason)
    {
        await using var database = await postgres.CreateAsync();

        var refused = await Assert.ThrowsAsync<MigrationException>(() => UpgradeAsync(database, script));

        Assert.Equal($"Schema shop cannot be opened to its plugin: {reason}.", refused.Message);
        Assert.Equal(0, await database.ScalarAsync<long>(
            "select count(*) from pg_class where relnamespace = to_regnamespace('shop') and relkind in ('r', 'v', 'm')"));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from host.migration where schema = 'shop'"));
    }

    [Fact]
    public async Task Have_tables_that_are_no_tenants_if_they_say_why()
    {
        await using var database = await postgres.CreateAsync();

        await UpgradeAsync(database, "create table shop.rate (id int); select host.share('shop.rate', 'The same rates for all.')");

        Assert.Equal(1, await RunAsync(database, default, "insert into shop.rate values (1)"));
    }

    [Theory]
    [InlineData("create role somebody", "permission denied to create role")]
    [InlineData("select name from host.customer", "permission denied for table customer")]
    [InlineData("create table host.thing (id int)", "permission denied for schema host")]
    [InlineData("select pg_read_file('/etc/hostname')", "permission denied for function pg_read_file")]
    [InlineData("set session authorization postgres", "permission denied to set session authorization")]
    [InlineData("select host.share('host.customer', 'Let me see.')", "schema host is not that of isphost_*_shop_own")]
    [InlineData(
        "select host.note_migration('billing', 1, '0001-billing.sql', '\\x00')", "schema billing is not that of isphost_*_shop_own")]
    [InlineData(
        "create function shop.forget(timestamptz, int) returns int language sql as 'select 0'; "
            + "select host.keep('host.audit', 'shop.forget(timestamptz, int)', 1, 1, 'A day')",
        "schema host is not that of isphost_*_shop_own")]
    public async Task Have_scripts_that_may_do_what_concerns_their_schema_and_nothing_else(string script, string reason)
    {
        await using var database = await postgres.CreateAsync();

        var refused = await Assert.ThrowsAsync<MigrationException>(() => UpgradeAsync(database, script));

        Assert.Matches(
            $"^0001-first.sql of schema shop failed: {reason.Replace("*", "[0-9]+", StringComparison.Ordinal)}.* \\(42501\\).$",
            refused.Message);
    }

    [Fact]
    public async Task Show_the_plugin_nothing_of_the_host_and_of_other_plugins()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("mine");
        await UpgradeAsync(database, Things);
        await database.UpgradeAsync("bank", [("0001-first.sql", "create table bank.money (tenant_id uuid, id int)")], Stop);
        var others = (await database.ScalarAsync<string[]>("""
            select array_agg(c.oid::regclass::text) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'v', 'm') and n.nspname in ('host', 'orleans', 'isphost_owner', 'bank')
            """))!;

        var seen = new List<string>();
        foreach (var table in others)
        {
            foreach (var statement in (string[])["select from", "delete from", "truncate"])
            {
                if (await StateAsync(database, tenant, $"{statement} {table}") != Refused)
                    seen.Add($"{statement} {table}");
            }
        }

        Assert.Empty(seen);
        Assert.InRange(others.Length, 50, 500);
    }

    [Theory]
    [InlineData("create table shop.more (id int)")]
    [InlineData("alter table shop.thing disable row level security")]
    [InlineData("drop policy one_tenant on shop.thing")]
    [InlineData("set role isphost_app")]
    [InlineData("set session authorization postgres")]
    [InlineData("create role somebody")]
    [InlineData("select host.forget_audit(now(), 10)")]
    [InlineData("select host.open_schema('shop', 'isphost_app')")]
    [InlineData("copy shop.thing to program 'true'")]
    public async Task Let_the_plugin_work_and_change_no_rule(string statement)
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("mine");
        await UpgradeAsync(database, Things);

        Assert.Equal(Refused, await StateAsync(database, tenant, statement));
    }

    [Fact]
    public async Task Let_the_plugin_call_these_functions_of_the_host_and_no_other()
    {
        await using var database = await postgres.CreateAsync();
        await UpgradeAsync(database, Things);

        Assert.Equal(
            "append_usage_v1 days_around id_at keep_answer_v1 publish_v1 record_v1 this_tenant",
            await database.ScalarAsync<string>("""
                select string_agg(p.proname, ' ' order by p.proname) from pg_proc p join host.plugin_role r on r.schema = 'shop'
                where p.pronamespace = 'host'::regnamespace and has_function_privilege(r.worker, p.oid, 'execute')
                """));
    }

    [Fact]
    public async Task Take_rights_back_from_the_plugin_as_they_do_from_the_application()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("mine");
        await UpgradeAsync(
            database, $"{Things}; revoke update, delete on shop.thing from isphost_app; grant update (name) on shop.thing to isphost_app");
        await RunAsync(database, tenant, $"insert into shop.thing values ('{tenant}', 1, 'a thing')");

        Assert.Equal(1, await RunAsync(database, tenant, "update shop.thing set name = 'another'"));
        Assert.Equal(Refused, await StateAsync(database, tenant, "update shop.thing set id = 2"));
        Assert.Equal(Refused, await StateAsync(database, tenant, "delete from shop.thing"));
    }

    [Theory]
    [InlineData("alter table shop.thing drop column name", "there is no column shop.thing.name of type text any more")]
    [InlineData("alter table shop.thing alter name type varchar(9)", "there is no column shop.thing.name of type text any more")]
    [InlineData("alter table shop.thing rename to item", "there is no column shop.thing.id of type integer any more")]
    [InlineData("alter table shop.thing add size int not null", "shop.thing.size must be filled, and was not before")]
    [InlineData("alter table shop.thing alter name set not null", "shop.thing.name must be filled, and was not before")]
    public async Task Take_nothing_away_that_the_version_before_may_use(string script, string taken)
    {
        await using var database = await postgres.CreateAsync();
        await UpgradeAsync(database, Things);

        var refused = await Assert.ThrowsAsync<MigrationException>(() => SecondAsync(database, script, serving: "1.2.0"));

        Assert.StartsWith(
            $"The scripts of schema shop take something away that the version before may use: {taken}. Only add;", refused.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alter table shop.thing add size int not null default 0, add note text")]
    [InlineData("create table shop.more (tenant_id uuid not null, id int not null)")]
    [InlineData("create index on shop.thing (tenant_id, name)")]
    public async Task May_always_be_added_to(string script)
    {
        await using var database = await postgres.CreateAsync();
        await UpgradeAsync(database, Things);

        await SecondAsync(database, script, serving: "1.2.0");
    }

    [Fact]
    public async Task Lose_what_nobody_uses_once_a_script_says_since_when_and_no_older_version_serves()
    {
        const string Contract = "-- contract 1.3.0\nalter table shop.thing drop column name";
        await using var database = await postgres.CreateAsync();
        await UpgradeAsync(database, Things);

        var early = await Assert.ThrowsAsync<MigrationException>(() => SecondAsync(database, Contract, serving: "1.2.9"));
        await SecondAsync(database, Contract, serving: "1.3.0");

        Assert.EndsWith(
            "Version 1.2.9, which serves, may use it: replace it by 1.3.0 or a newer one first.", early.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>(
            "select count(*) from pg_attribute where attrelid = 'shop.thing'::regclass and attname = 'name'"));
    }

    static Task<IReadOnlyList<string>> SecondAsync(TestDatabase database, string script, string serving)
    {
        var scripts = SchemaScripts.Of("shop", [("0001-first.sql", Things), ("0002-second.sql", script)]);
        var owner = ((HostConnections)database.Database).Owner!;
        return new PluginSchema(owner, scripts, NuGetVersion.Parse(serving)).UpgradeAsync(Stop);
    }

    [Fact]
    public async Task Write_for_the_tenant_of_the_transaction_and_no_other()
    {
        await using var database = await postgres.CreateAsync();
        var (mine, theirs) = (await database.AddTenantAsync("mine"), await database.AddTenantAsync("theirs"));
        await UpgradeAsync(database, Things);
        string Record(TenantId tenant)
            => $"select host.record_v1('{tenant}', gen_random_uuid(), now(), 'plugin:shop', 'thing.sell', 'thing/1', null)";

        await RunAsync(database, mine, Record(mine));

        Assert.Equal(Refused, await StateAsync(database, mine, Record(theirs)));
        Assert.Equal(Refused, await StateAsync(database, default, Record(mine)));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from host.audit where actor = 'plugin:shop'"));
    }

    [Fact]
    public async Task From_before_plugins_had_roles_are_taken_over_with_all_that_is_in_them()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("mine");
        await database.ScalarAsync<object>($"""
            create schema shop;
            alter default privileges in schema shop grant select, insert, update, delete on tables to isphost_app;
            create type shop.size as enum ('small', 'large');
            create sequence shop.number;
            {Things};
            alter table shop.thing add size shop.size, add serial int generated always as identity;
            create function shop.one() returns int language sql as 'select 1';
            select host.protect('shop.thing');
            insert into shop.thing values ('{tenant}', 1, 'a thing', 'small')
            """);

        await UpgradeAsync(
            database, "alter type shop.size add value 'medium'; alter sequence shop.number increment 2; alter function shop.one() cost 2");

        Assert.Equal(1, await RunAsync(database, tenant, "update shop.thing set size = 'large'"));
    }

    [Fact]
    public async Task Are_opened_to_their_plugin_by_a_server_that_works_as_the_application_once_they_were_migrated()
    {
        await using var database = await postgres.CreateAsync();
        var application = ((HostConnections)database.Database).ConnectionString;
        await using var node = await HostConnections.OpenAsync(application, Stop);

        var early = await Assert.ThrowsAsync<MigrationException>(() => node.OpenAsync("Shop", "shop", hearsDatagrams: false, Stop));
        await UpgradeAsync(database, "create table shop.rate (id int); select host.share('shop.rate', 'The same rates for all.')");
        await node.OpenAsync("Shop", "shop", hearsDatagrams: false, Stop);

        Assert.Equal("Schema shop has no role: run 'migrate' with the owner's connection string.", early.Message);
        await using var command = node.Of("Shop").Connections.CreateCommand("insert into shop.rate values (1)");
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Stop));
    }

    static Task UpgradeAsync(TestDatabase database, string script)
        => database.UpgradeAsync("shop", [("0001-first.sql", script)], Stop);

    /// <summary>As the plugin, for a tenant or for none.</summary>
    static async Task<int> RunAsync(TestDatabase database, TenantId tenant, string statement)
    {
        await using var connection = await database.OfPlugin("shop").Connections.OpenConnectionAsync(Stop);
        await using var batch = new NpgsqlBatch(connection);
        if (tenant != default)
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"select set_config('app.tenant', '{tenant}', true)"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        await batch.ExecuteNonQueryAsync(Stop);
        return batch.BatchCommands[^1].RecordsAffected;
    }

    static async Task<string?> StateAsync(TestDatabase database, TenantId tenant, string statement)
        => (await Assert.ThrowsAnyAsync<PostgresException>(() => RunAsync(database, tenant, statement))).SqlState;
}
