using IspHost.Testing;
using Npgsql;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>What a piece of a run costs does not depend on how large the run is.</summary>
public sealed class PieceTests(PostgresFixture postgres)
{
    const int Accounts = 2_000;

    /// <summary>Those of an account, and those that its foreign keys look up.</summary>
    const int MostRowsPerAccount = 10;

    [Fact]
    public async Task The_first_run_of_a_new_installation_reads_no_table_again_and_again()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        for (var i = 0; i < Accounts; i++)
            world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));

        await world.BillAsync("2026-10");

        var read = await RowsReadAsync(world);
        Assert.All(read, table => Assert.True(table.Rows <= MostRowsPerAccount * Accounts, $"{table.Name}: {table.Rows} rows read"));
        Assert.Contains(read, table => table.Name == "bill_run_item" && table.Rows > Accounts);
    }

    static async Task<List<(string Name, long Rows)>> RowsReadAsync(BillingWorld world)
    {
        // A connection reports what it has counted when it ends, at the latest.
        await world.TamperAsync("""
            select pg_terminate_backend(pid, 60000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
            """);
        await using var owner = NpgsqlDataSource.Create(world.Database.OwnerConnection);
        await using var command = owner.CreateCommand("""
            select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables where schemaname = 'billing'
            """);
        await using var reader = await command.ExecuteReaderAsync(BillingWorld.Stop);
        var read = new List<(string, long)>();
        while (await reader.ReadAsync(BillingWorld.Stop))
            read.Add((reader.GetString(0), reader.GetInt64(1)));
        return read;
    }
}
