using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Events;
using NodaTime;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>Draws the numbers of invoices and announces them, in the connection's present transaction.</summary>
/// <remarks>Whoever holds the series makes all others of the tenant wait, so this comes last.</remarks>
sealed class Numbering(NpgsqlConnection connection, TenantId tenant, Instant now)
{
    const string Series = "A";

    /// <summary>Makes the series if the tenant has none.</summary>
    public static Task OpenSeriesAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
        => connection.ExecuteAsync(
            "insert into billing.invoice_series (tenant_id, series) values ($1, $2) on conflict do nothing",
            [Arg(tenant.Value), Arg(Series)], cancellationToken);

    public async Task NumberAsync(IReadOnlyList<IssuableInvoice> invoices, CancellationToken cancellationToken)
    {
        var rows = Chain(invoices, await LockAsync(cancellationToken));
        await using var batch = new NpgsqlBatch(connection);
        new BulkInsert<NumberedInvoice>("billing.invoice_number", rows)
            .All("tenant_id", tenant.Value)
            .All("series", Series)
            .Each("number", row => row.Number.Number)
            .Each("invoice_id", row => row.Invoice.Id)
            .Each("previous_hash", row => row.PreviousHash)
            .Each("hash", row => row.Hash)
            .AddTo(batch);
        batch.Add(
            "update billing.invoice_series set last_number = $3, last_hash = $4 where tenant_id = $1 and series = $2",
            Arg(tenant.Value), Arg(Series), Arg(rows[^1].Number.Number), Arg(rows[^1].Hash));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await Outbox.PublishAsync(
            connection, tenant, now, [.. rows.Select(row => (row.Invoice.Id.ToString(), row.Event()))], cancellationToken);
    }

    static List<NumberedInvoice> Chain(IEnumerable<IssuableInvoice> invoices, (long Number, byte[] Hash) last)
    {
        var rows = new List<NumberedInvoice>();
        foreach (var invoice in invoices)
        {
            var number = new InvoiceNumber(Series, last.Number + 1);
            var hash = ContentHash.Chain(last.Hash, invoice.ContentHash, number);
            rows.Add(new(number, invoice.Invoice, last.Hash, hash));
            last = (number.Number, hash);
        }
        return rows;
    }

    async Task<(long Number, byte[] Hash)> LockAsync(CancellationToken cancellationToken)
    {
        var heads = await connection.ReadAsync(
            "select last_number, last_hash from billing.invoice_series where tenant_id = $1 and series = $2 for update",
            [Arg(tenant.Value), Arg(Series)], row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)), cancellationToken);
        return heads.Count == 1 ? heads[0] : throw new InvalidOperationException($"The series {Series} was not opened.");
    }

    sealed record NumberedInvoice(InvoiceNumber Number, Invoice Invoice, byte[] PreviousHash, byte[] Hash)
    {
        public InvoiceIssued Event() => new()
        {
            Invoice = Invoice.Id,
            Customer = Invoice.Customer,
            Number = Number.ToString(),
            Total = Invoice.Total,
            Due = Invoice.DueOn,
        };
    }
}
