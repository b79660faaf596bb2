using IspHost.Core.Changes;
using IspHost.Core.Tests.Cluster;
using IspHost.Sdk;
using IspHost.Testing;
using Npgsql;

namespace IspHost.Core.Tests.Snapshots;

/// <summary>A node outlives them, and knows what is right soon after.</summary>
[TakesLong]
public sealed class Faults_of_the_database
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restart_while_rows_change_ends_no_node_and_loses_no_change()
    {
        await using var postgres = new PostgresFixture { IsDurable = true };
        await postgres.InitializeAsync();
        await using var database = await postgres.CreateAsync();
        await using var node = await SnapshotNode.StartAsync(database);

        for (var round = 0; round < 4; round++)
        {
            var changes = ChangeAsync(database.OwnerConnection, round * 1000);
            await (round % 2 == 0 ? postgres.RestartAsync() : EndConnectionsAsync(database.OwnerConnection));
            await changes;
        }

        await Eventually.TrueAsync(
            () => node.IsEnding || (node.Knows("flag-3019") && node.Tenants.All.Count == 80), "the node knows what was written last");
        Assert.False(node.IsEnding);
        Assert.Equal(0, node.Get<DatabaseLife>().Number); // It has read what it missed, and not everything.
        Assert.Equal(
            80, Enumerable.Range(0, 4).SelectMany(round => Enumerable.Range(round * 1000, 20)).Count(i => node.Knows($"flag-{i}")));
    }

    [Fact]
    public async Task An_older_copy_that_takes_over_is_what_a_node_knows()
    {
        await using var postgres = await FragilePostgres.StartAsync(Path.Combine(Path.GetTempPath(), $"isphost-older-{Guid.NewGuid():N}"));
        await using (var before = await postgres.OpenAsync())
            await InsistAsync(before.OwnerConnection, Flag("kept"));
        var older = await postgres.CopyAsync();
        await using var database = await postgres.OpenAsync();
        await using var node = await SnapshotNode.StartAsync(database);
        for (var i = 0; i < 50; i++)
            await InsistAsync(database.OwnerConnection, Flag($"lost-{i}"));
        await Eventually.TrueAsync(() => node.Knows("lost-49"), "the node knows what was written last");

        await postgres.KillAsync();
        await postgres.FailOverAsync(older);
        await Eventually.TrueAsync(() => !node.Knows("lost-0") && !node.Knows("lost-49"), "the node forgets what the copy does not have");
        await InsistAsync(database.OwnerConnection, Flag("after"));

        await Eventually.TrueAsync(() => node.Knows("after"), "the node follows the copy");
        Assert.True(node.Knows("kept"));
        Assert.False(node.IsEnding);
        Assert.Equal(1, node.Get<DatabaseLife>().Number);
    }

    static string Flag(string name) => $"insert into host.feature_flag (name, definition) values ('{name}', '{{}}')";

    /// <summary>Twenty flags and tenants, one after the other, however often the database has to be asked.</summary>
    static async Task ChangeAsync(string connection, int first)
    {
        for (var i = first; i < first + 20; i++)
        {
            await InsistAsync(connection, Flag($"flag-{i}"));
            await InsistAsync(connection, $"""
                insert into host.tenant (id, code, legal_name, country, currency, zone, tax_engine)
                values ('{TenantId.New()}', 't{i}', 't{i}', 'GR', 'EUR', 'Europe/Athens', 'vat')
                """);
        }
    }

    static async Task InsistAsync(string connection, string sql)
    {
        while (true)
        {
            try
            {
                await using var source = NpgsqlDataSource.Create(connection);
                await using var command = source.CreateCommand(sql);
                await command.ExecuteNonQueryAsync(Stop);
                return;
            }
            catch (PostgresException cause) when (cause.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                return; // It was committed before the connection broke.
            }
            catch (NpgsqlException)
            {
                await Task.Delay(20, Stop);
            }
        }
    }

    static async Task EndConnectionsAsync(string connection)
    {
        for (var i = 0; i < 20; i++)
        {
            await InsistAsync(connection, "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'isphost %'");
            await Task.Delay(10, Stop);
        }
    }
}
