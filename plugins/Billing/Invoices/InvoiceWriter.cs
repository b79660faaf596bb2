using System.Text.Json;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Events;
using NodaTime;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>Issues the invoices of some accounts in the connection's present transaction, with a handful of round trips for all of them.</summary>
sealed class InvoiceWriter(NpgsqlConnection connection, TenantId tenant, BillRun run, Instant now, BillingJson json)
{
    const string Series = "A";

    public async Task WriteAsync(IReadOnlyList<AccountBill> bills, CancellationToken cancellationToken)
    {
        var invoices = bills.SelectMany(bill => bill.Invoices.Select(invoice => (bill.Item, Invoice: invoice, Hash: ContentHash.Of(invoice)))).ToList();
        await using (var batch = new NpgsqlBatch(connection))
        {
            if (invoices.Count > 0)
            {
                WriteBooks(batch, [.. invoices.Select(row => row.Invoice)]);
                WriteInvoices(batch, invoices);
                WriteLines(batch, [.. invoices.SelectMany(row => row.Invoice.Lines.Select(line => (row.Invoice, line)))]);
            }
            WriteHeld(batch, bills);
            WriteItems(batch, bills);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        if (invoices.Count > 0)
            await NumberAsync([.. invoices.Select(row => (row.Invoice, row.Hash))], cancellationToken);
    }

    void WriteBooks(NpgsqlBatch batch, IReadOnlyList<Invoice> invoices)
    {
        batch.Add("""
            insert into billing.account (tenant_id, customer_id, currency) select $1, * from unnest($2, $3) on conflict do nothing
            """,
            Arg(tenant.Value), Column(invoices, i => i.Customer.Value), Column(invoices, i => i.Currency.Code));

        var transfers = invoices.SelectMany(Transfer.Of).ToList();
        // In one order for all runs, so that two which make the same accounts cannot wait for each other in a circle.
        var accounts = transfers.SelectMany(t => new[] { t.Debit, t.Credit }).DistinctBy(account => account.Id).OrderBy(account => account.Id).ToList();
        batch.Add("""
            insert into billing.ledger_account (tenant_id, id, kind, code, currency, customer_id)
            select $1, * from unnest($2, $3, $4, $5, $6) on conflict do nothing
            """,
            Arg(tenant.Value), Column(accounts, a => a.Id), Column(accounts, a => a.Kind), Column(accounts, a => a.Code),
            Column(accounts, a => a.Currency.Code), Column(accounts, a => a.Customer?.Value));
        batch.Add("""
            insert into billing.journal (tenant_id, kind, id, currency, effective_on) select $1, 'invoice', * from unnest($2, $3, $4)
            """,
            Arg(tenant.Value), Column(invoices, i => i.Id), Column(invoices, i => i.Currency.Code), Column(invoices, i => i.IssuedOn));
        batch.Add("""
            insert into billing.transfer (tenant_id, journal_id, line_no, currency, debit_account, credit_account, amount_minor)
            select $1, * from unnest($2, $3, $4, $5, $6, $7)
            """,
            Arg(tenant.Value), Column(transfers, t => t.Journal), Column(transfers, t => t.LineNo), Column(transfers, t => t.Debit.Currency.Code),
            Column(transfers, t => t.Debit.Id), Column(transfers, t => t.Credit.Id), Column(transfers, t => t.AmountMinor));
    }

    void WriteInvoices(NpgsqlBatch batch, IReadOnlyList<(RunItem Item, Invoice Invoice, byte[] Hash)> rows)
        => batch.Add("""
            insert into billing.invoice (tenant_id, run_id, period, id, customer_id, currency, attempt, tax_point, issued_on, due_on,
              net_minor, tax_minor, seller, buyer, content_hash)
            select $1, $2, daterange($3, $4), id, customer, currency, attempt, tax_point, issued_on, due_on, net, tax, seller::json, buyer::json, hash
            from unnest($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
              as i (id, customer, currency, attempt, tax_point, issued_on, due_on, net, tax, seller, buyer, hash)
            """,
            Arg(tenant.Value), Arg(run.Id), Arg(run.Period.Start), Arg(run.Period.End),
            Column(rows, r => r.Invoice.Id), Column(rows, r => r.Invoice.Customer.Value), Column(rows, r => r.Invoice.Currency.Code),
            Column(rows, r => r.Item.Attempt), Column(rows, r => r.Invoice.TaxPoint), Column(rows, r => r.Invoice.IssuedOn),
            Column(rows, r => r.Invoice.DueOn), Column(rows, r => r.Invoice.NetMinor), Column(rows, r => r.Invoice.TaxMinor),
            Column(rows, r => JsonSerializer.Serialize(r.Invoice.Seller, json.Seller)),
            Column(rows, r => JsonSerializer.Serialize(r.Invoice.Buyer, json.Buyer)),
            Column(rows, r => r.Hash));

    void WriteLines(NpgsqlBatch batch, IReadOnlyList<(Invoice Invoice, InvoiceLine Line)> rows)
    {
        batch.Add("""
            insert into billing.invoice_line (tenant_id, invoice_id, line_no, component, subscription_id, contract_version_id, description,
              period, quantity, unit, unit_price, numerator, denominator, net_minor, tax_class, rule, rule_hash, inputs_digest, explanation, bytes)
            select $1, invoice, no, component, subscription, version, description, daterange(first_day, end_day), quantity, unit, price,
              numerator, denominator, net, tax_class, rule, rule_hash, digest, explanation, bytes
            from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
              as l (invoice, no, component, subscription, version, description, first_day, end_day, quantity, unit, price,
                numerator, denominator, net, tax_class, rule, rule_hash, digest, explanation, bytes)
            """,
            Arg(tenant.Value), Column(rows, r => r.Invoice.Id), Column(rows, r => r.Line.LineNo), Column(rows, r => r.Line.Component.Text()),
            Column(rows, r => r.Line.Subscription.Value), Column(rows, r => r.Line.Version.Value), Column(rows, r => r.Line.Description),
            Column(rows, r => r.Line.Period.Start), Column(rows, r => r.Line.Period.End), Column(rows, r => r.Line.Quantity),
            Column(rows, r => r.Line.Unit), Column(rows, r => r.Line.UnitPrice), Column(rows, r => r.Line.Part.Numerator),
            Column(rows, r => r.Line.Part.Denominator), Column(rows, r => r.Line.NetMinor), Column(rows, r => r.Line.TaxClass),
            Column(rows, r => r.Line.Rule), Column(rows, r => r.Line.RuleHash), Column(rows, r => r.Line.InputsDigest),
            Column(rows, r => r.Line.Explanation), Column(rows, r => r.Line.Bytes));
        batch.Add("""
            insert into billing.obligation (tenant_id, subscription_id, component, period, sequence, contract_version_id, invoice_id, line_no)
            select $1, subscription, component, daterange(first_day, end_day), sequence, version, invoice, no
            from unnest($2, $3, $4, $5, $6, $7, $8, $9) as o (subscription, component, first_day, end_day, sequence, version, invoice, no)
            """,
            Arg(tenant.Value), Column(rows, r => r.Line.Subscription.Value), Column(rows, r => r.Line.Component.Text()),
            Column(rows, r => r.Line.Period.Start), Column(rows, r => r.Line.Period.End), Column(rows, r => r.Line.Sequence),
            Column(rows, r => r.Line.Version.Value), Column(rows, r => r.Invoice.Id), Column(rows, r => r.Line.LineNo));

        var taxes = rows.SelectMany(row => row.Line.Taxes.Select(tax => (row.Invoice, Tax: tax))).ToList();
        batch.Add("""
            insert into billing.invoice_tax (tenant_id, invoice_id, line_no, tax_no, jurisdiction, name, category, rate_percent, base_minor,
              amount_minor, exemption)
            select $1, * from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            Arg(tenant.Value), Column(taxes, t => t.Invoice.Id), Column(taxes, t => t.Tax.LineNo), Column(taxes, t => t.Tax.TaxNo),
            Column(taxes, t => t.Tax.Jurisdiction), Column(taxes, t => t.Tax.Name), Column(taxes, t => t.Tax.Category),
            Column(taxes, t => t.Tax.RatePercent), Column(taxes, t => t.Tax.BaseMinor), Column(taxes, t => t.Tax.AmountMinor),
            Column(taxes, t => t.Tax.Exemption));
    }

    /// <summary>What was held before is judged anew, so it goes first.</summary>
    void WriteHeld(NpgsqlBatch batch, IReadOnlyList<AccountBill> bills)
    {
        var judged = bills.Where(bill => bill.Parked is null).ToList();
        batch.Add("delete from billing.held_line where tenant_id = $1 and customer_id = any ($2)",
            Arg(tenant.Value), Column(judged, bill => bill.Item.Customer.Value));
        var rows = judged.SelectMany(bill => bill.Held).ToList();
        if (rows.Count == 0)
            return;
        batch.Add("""
            insert into billing.held_line (tenant_id, run_id, customer_id, subscription_id, component, period, contract_version_id, reason, detail)
            select $1, $2, customer, subscription, component, daterange(first_day, end_day), version, reason, detail
            from unnest($3, $4, $5, $6, $7, $8, $9, $10)
              as h (customer, subscription, component, first_day, end_day, version, reason, detail)
            on conflict do nothing
            """,
            Arg(tenant.Value), Arg(run.Id), Column(rows, r => r.Due.Version.Customer.Value), Column(rows, r => r.Due.Version.Subscription.Value),
            Column(rows, r => r.Due.Component.Text()), Column(rows, r => r.Due.Served.Start), Column(rows, r => r.Due.Served.End),
            Column(rows, r => r.Due.Version.Id.Value), Column(rows, r => r.Reason), Column(rows, r => r.Detail));
    }

    void WriteItems(NpgsqlBatch batch, IReadOnlyList<AccountBill> bills)
        => batch.Add("""
            update billing.bill_run_item item set state = done.state, reason = done.reason
            from unnest($3, $4, $5) as done (customer, state, reason)
            where item.tenant_id = $1 and item.run_id = $2 and item.customer_id = done.customer
            """,
            Arg(tenant.Value), Arg(run.Id), Column(bills, b => b.Item.Customer.Value), Column(bills, b => b.State), Column(bills, b => b.Reason));

    /// <summary>Draws the numbers. Whoever holds the series makes all others of the tenant wait, so it comes last.</summary>
    async Task NumberAsync(IReadOnlyList<(Invoice Invoice, byte[] Hash)> invoices, CancellationToken cancellationToken)
    {
        var (last, previous) = await LockSeriesAsync(cancellationToken);
        var rows = new List<(InvoiceNumber Number, Invoice Invoice, byte[] Previous, byte[] Hash)>();
        foreach (var (invoice, content) in invoices)
        {
            var number = new InvoiceNumber(Series, last + rows.Count + 1);
            var hash = ContentHash.Chain(previous, content, number);
            rows.Add((number, invoice, previous, hash));
            previous = hash;
        }
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("""
            insert into billing.invoice_number (tenant_id, series, number, invoice_id, previous_hash, hash)
            select $1, $2, * from unnest($3, $4, $5, $6)
            """,
            Arg(tenant.Value), Arg(Series), Column(rows, r => r.Number.Number), Column(rows, r => r.Invoice.Id), Column(rows, r => r.Previous),
            Column(rows, r => r.Hash));
        batch.Add("update billing.invoice_series set last_number = $3, last_hash = $4 where tenant_id = $1 and series = $2",
            Arg(tenant.Value), Arg(Series), Arg(rows[^1].Number.Number), Arg(previous));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await Outbox.PublishAsync(
            connection, tenant, now, [.. rows.Select(row => (row.Invoice.Id.ToString(), Event(row.Invoice, row.Number)))], cancellationToken);
    }

    async Task<(long Last, byte[] Hash)> LockSeriesAsync(CancellationToken cancellationToken)
    {
        await using var command = connection.Statement(
            "select last_number, last_hash from billing.invoice_series where tenant_id = $1 and series = $2 for update", Arg(tenant.Value), Arg(Series));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1))
            : throw new InvalidOperationException($"The series {Series} was not opened.");
    }

    /// <summary>Makes the series if the tenant has none.</summary>
    public static Task OpenSeriesAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
        => connection.ExecuteAsync(
            "insert into billing.invoice_series (tenant_id, series) values ($1, $2) on conflict do nothing", [Arg(tenant.Value), Arg(Series)],
            cancellationToken);

    static InvoiceIssued Event(Invoice invoice, InvoiceNumber number) => new()
    {
        Invoice = invoice.Id,
        Customer = invoice.Customer,
        Number = number.ToString(),
        Total = invoice.Total,
        Due = invoice.DueOn,
    };

    static NpgsqlParameter Column<TRow, TValue>(IReadOnlyCollection<TRow> rows, Func<TRow, TValue> value) => Arg(rows.Select(value).ToArray());
}
