using IspHost.Testing;
using Npgsql;

namespace IspHost.Benchmarks;

/// <summary>The rows that a bill run has written, as PostgreSQL's own binary format, ready to be loaded again without it.</summary>
sealed class BillingRows(TestDatabase database)
{
    /// <summary>All tables that a run writes to, in the order that their foreign keys want.</summary>
    static readonly string[] Tables =
    [
        "billing.account", "billing.ledger_account", "billing.journal", "billing.transfer", "billing.bill_run", "billing.bill_run_item",
        "billing.invoice", "billing.invoice_series", "billing.invoice_number", "billing.invoice_line", "billing.invoice_tax",
        "billing.obligation", "host.outbox",
    ];

    readonly List<(string Table, string Columns, byte[] Rows)> captured = [];
    string sums = "";

    public long Count { get; private set; }

    public async Task CaptureAsync()
    {
        await using var connection = await OpenAsync();
        foreach (var table in Tables)
        {
            var columns = await database.ScalarAsync<string>($"""
                select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
                where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
                """);
            using var rows = new MemoryStream();
            await using (var copy = await connection.BeginRawBinaryCopyAsync($"copy {table} ({columns}) to stdout (format binary)"))
                await copy.CopyToAsync(rows);
            captured.Add((table, columns!, rows.ToArray()));
            Count += await database.ScalarAsync<long>($"select count(*) from {table}");
        }
        sums = await SumsAsync();
    }

    /// <summary>Loads them in one transaction, as the superuser, whom row-level security does not bind.</summary>
    public async Task CopyAsync(bool withForeignKeys)
    {
        await using var connection = await OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        if (!withForeignKeys)
            await ExecuteAsync(connection, "set local session_replication_role = replica");
        foreach (var (table, columns, rows) in captured)
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync($"copy {table} ({columns}) from stdin (format binary)");
            await copy.WriteAsync(rows);
        }
        await transaction.CommitAsync();
    }

    /// <summary>Empty tables, and nothing left to be flushed.</summary>
    public async Task ClearAsync()
    {
        await using var connection = await OpenAsync();
        await ExecuteAsync(connection, $"truncate {string.Join(", ", Tables)} cascade");
        await ExecuteAsync(connection, "checkpoint");
    }

    public async Task CheckAsync()
    {
        if (await SumsAsync() is var found && found != sums)
            throw new InvalidOperationException($"The tables hold {found} and not {sums}.");
    }

    async Task<string> SumsAsync()
    {
        var counts = string.Join(", ", Tables.Select(table => $"(select count(*) from {table})"));
        return await database.ScalarAsync<string>($"""
            select concat_ws(' ', {counts}, (select sum(total_minor) from billing.invoice), (select state from billing.bill_run))
            """) ?? "";
    }

    async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(database.OwnerConnection);
        await connection.OpenAsync();
        return connection;
    }

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
