using IspHost.Testing;
using Npgsql;

namespace IspHost.Server.Tests;

/// <summary><c>migrate</c> as operators run it: with a database of theirs, while servers run, and with the wrong string.</summary>
public sealed class Migrating(ServerFixture server, PostgresFixture postgres) : IAsyncLifetime
{
    string owner = "";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => owner = await postgres.CreateEmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_owner_may_while_a_server_has_the_data_folder_and_the_application_may_not()
    {
        var (code, output, _) = await ProgramUnderTest.RunAsync(
            "migrate", "--data", server.Data, "--connection", owner, "--json");

        Assert.Equal((0, """{"migrated":true}"""), (code, string.Concat(output.Where(sign => !char.IsWhiteSpace(sign)))));
        Assert.True(await HasAsync("billing.invoice"));

        var (refused, _, errors) = await ProgramUnderTest.RunAsync(
            "migrate", "--data", server.Data, "--connection", await ApplicationAsync());

        Assert.Equal(1, refused);
        Assert.Equal("isphost: The role of the connection string may not change schemas: 'migrate' needs the owner's.\n", errors);
    }

    [Fact]
    public async Task A_server_with_a_database_of_its_own_has_done_it_at_its_start()
    {
        var (code, output, errors) = await ProgramUnderTest.RunAsync("migrate", "--data", server.Data);

        Assert.Equal((0, "The database is up to date.\n", ""), (code, output, errors));
    }

    async Task<bool> HasAsync(string table)
    {
        await using var database = NpgsqlDataSource.Create(owner);
        await using var command = database.CreateCommand($"select to_regclass('{table}') is not null");
        return await command.ExecuteScalarAsync(Stop) is true;
    }

    async Task<string> ApplicationAsync()
    {
        await using var database = NpgsqlDataSource.Create(owner);
        await using var command = database.CreateCommand("create role the_server login password 'secret' in role isphost_app");
        await command.ExecuteNonQueryAsync(Stop);
        return new NpgsqlConnectionStringBuilder(owner) { Username = "the_server", Password = "secret" }
            .ConnectionString;
    }
}
