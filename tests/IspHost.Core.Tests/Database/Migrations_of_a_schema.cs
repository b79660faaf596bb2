using IspHost.Core.Database;
using IspHost.PluginRuntime;
using IspHost.Testing;
using Npgsql;

namespace IspHost.Core.Tests.Database;

public sealed class Migrations_of_a_schema(PostgresFixture postgres)
{
    static readonly (string Name, string Sql) First = ("0001-first.sql", "create table shop.thing (id int)");

    [Fact]
    public async Task Run_once_each_in_the_order_of_their_numbers()
    {
        await using var source = NpgsqlDataSource.Create(await postgres.CreateEmptyAsync());
        var scripts = SchemaScripts.Of("shop", [("0002-second.sql", "alter table shop.thing add name text"), First]);

        Assert.Equal(["0001-first.sql", "0002-second.sql"], await UpgradeAsync(source, scripts));
        Assert.Empty(await UpgradeAsync(source, scripts));
    }

    [Fact]
    public async Task Refuse_a_script_that_was_edited_after_it_ran()
    {
        await using var source = NpgsqlDataSource.Create(await postgres.CreateEmptyAsync());
        await UpgradeAsync(source, SchemaScripts.Of("shop", [First]));

        var refused = await Assert.ThrowsAsync<MigrationException>(
            () => UpgradeAsync(source, SchemaScripts.Of("shop", [(First.Name, First.Sql + " -- edited")])));

        Assert.Contains("0001-first.sql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leave_nothing_of_a_script_that_fails()
    {
        await using var source = NpgsqlDataSource.Create(await postgres.CreateEmptyAsync());

        var failed = await Assert.ThrowsAsync<MigrationException>(
            () => UpgradeAsync(
                source, SchemaScripts.Of("shop", [("0001-first.sql", "create table shop.thing (id int); select nonsense;")])));

        Assert.Contains("0001-first.sql of schema shop", failed.Message, StringComparison.Ordinal);
        await using var command = source.CreateCommand("select to_regclass('shop.thing') is null");
        Assert.Equal(true, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("1-first.sql")]
    [InlineData("0001_first.sql")]
    public void Are_named_by_number_and_purpose(string name)
        => Assert.Throws<ArgumentException>(() => SchemaScripts.Of("shop", [(name, "")]));

    static Task<IReadOnlyList<string>> UpgradeAsync(NpgsqlDataSource source, SchemaScripts scripts)
        => new Migrator(source).UpgradeAsync(scripts, TestContext.Current.CancellationToken);
}
