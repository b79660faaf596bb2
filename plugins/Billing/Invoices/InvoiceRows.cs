using System.Text.Json;
using IspHost.Sdk;
using Npgsql;

namespace IspHost.Plugins.Billing;

/// <summary>Writes all of some invoices but their numbers: the books, the documents, and what they were for.</summary>
sealed class InvoiceRows(NpgsqlBatch batch, TenantId tenant, BillingJson json)
{
    public void Write(BillRun run, IReadOnlyList<IssuableInvoice> invoices)
    {
        WriteBooks([.. invoices.Select(row => row.Invoice)]);
        Into("billing.invoice", invoices)
            .All("run_id", run.Id)
            .Days("period", row => row.Invoice.Period)
            .Each("id", row => row.Invoice.Id)
            .Each("customer_id", row => row.Invoice.Customer.Value)
            .Each("currency", row => row.Invoice.Currency.Code)
            .Each("attempt", row => row.Attempt)
            .Each("tax_point", row => row.Invoice.TaxPoint)
            .Each("issued_on", row => row.Invoice.IssuedOn)
            .Each("due_on", row => row.Invoice.DueOn)
            .Each("net_minor", row => row.Invoice.NetMinor)
            .Each("tax_minor", row => row.Invoice.TaxMinor)
            .Json("seller", row => JsonSerializer.Serialize(row.Invoice.Seller, json.Seller))
            .Json("buyer", row => JsonSerializer.Serialize(row.Invoice.Buyer, json.Buyer))
            .Each("content_hash", row => row.ContentHash)
            .AddTo(batch);
        WriteLines([.. invoices.SelectMany(row => row.Invoice.Lines.Select(line => (row.Invoice.Id, line)))]);
    }

    void WriteBooks(IReadOnlyList<Invoice> invoices)
    {
        Into("billing.account", invoices)
            .Each("customer_id", invoice => invoice.Customer.Value)
            .Each("currency", invoice => invoice.Currency.Code)
            .UnlessThere().AddTo(batch);

        var transfers = invoices.SelectMany(Transfer.Of).ToList();
        // In one order for all runs, so that two which make the same accounts cannot wait for each other in a circle.
        var accounts = transfers
            .SelectMany(transfer => new[] { transfer.Debit, transfer.Credit })
            .DistinctBy(account => account.Id)
            .OrderBy(account => account.Id)
            .ToList();
        Into("billing.ledger_account", accounts)
            .Each("id", account => account.Id)
            .Each("kind", account => account.Kind)
            .Each("code", account => account.Code)
            .Each("currency", account => account.Currency.Code)
            .Each("customer_id", account => account.Customer?.Value)
            .UnlessThere().AddTo(batch);
        Into("billing.journal", invoices)
            .All("kind", "invoice")
            .Each("id", invoice => invoice.Id)
            .Each("currency", invoice => invoice.Currency.Code)
            .Each("effective_on", invoice => invoice.IssuedOn)
            .AddTo(batch);
        Into("billing.transfer", transfers)
            .Each("journal_id", transfer => transfer.Journal)
            .Each("line_no", transfer => transfer.LineNo)
            .Each("currency", transfer => transfer.Debit.Currency.Code)
            .Each("debit_account", transfer => transfer.Debit.Id)
            .Each("credit_account", transfer => transfer.Credit.Id)
            .Each("amount_minor", transfer => transfer.AmountMinor)
            .AddTo(batch);
    }

    void WriteLines(IReadOnlyList<(Guid Invoice, InvoiceLine Line)> lines)
    {
        Into("billing.invoice_line", lines)
            .Each("invoice_id", row => row.Invoice)
            .Each("line_no", row => row.Line.LineNo)
            .Each("component", row => row.Line.Component.Text())
            .Each("subscription_id", row => row.Line.Subscription.Value)
            .Each("contract_version_id", row => row.Line.Version.Value)
            .Each("description", row => row.Line.Description)
            .Days("period", row => row.Line.Period)
            .Each("quantity", row => row.Line.Quantity)
            .Each("unit", row => row.Line.Unit)
            .Each("unit_price", row => row.Line.UnitPrice)
            .Each("numerator", row => row.Line.Part.Numerator)
            .Each("denominator", row => row.Line.Part.Denominator)
            .Each("net_minor", row => row.Line.NetMinor)
            .Each("tax_class", row => row.Line.TaxClass)
            .Each("rule", row => row.Line.Rule)
            .Each("rule_hash", row => row.Line.RuleHash)
            .Each("inputs_digest", row => row.Line.InputsDigest)
            .Each("explanation", row => row.Line.Explanation)
            .Each("bytes", row => row.Line.Bytes)
            .AddTo(batch);
        Into("billing.obligation", lines)
            .Each("subscription_id", row => row.Line.Subscription.Value)
            .Each("component", row => row.Line.Component.Text())
            .Days("period", row => row.Line.Period)
            .Each("sequence", row => row.Line.Sequence)
            .Each("contract_version_id", row => row.Line.Version.Value)
            .Each("invoice_id", row => row.Invoice)
            .Each("line_no", row => row.Line.LineNo)
            .AddTo(batch);
        WriteTaxes([.. lines.SelectMany(row => row.Line.Taxes.Select(tax => (row.Invoice, tax)))]);
    }

    void WriteTaxes(IReadOnlyList<(Guid Invoice, InvoiceTax Tax)> taxes)
        => Into("billing.invoice_tax", taxes)
            .Each("invoice_id", row => row.Invoice)
            .Each("line_no", row => row.Tax.LineNo)
            .Each("tax_no", row => row.Tax.TaxNo)
            .Each("jurisdiction", row => row.Tax.Jurisdiction)
            .Each("name", row => row.Tax.Name)
            .Each("category", row => row.Tax.Category)
            .Each("rate_percent", row => row.Tax.RatePercent)
            .Each("base_minor", row => row.Tax.BaseMinor)
            .Each("amount_minor", row => row.Tax.AmountMinor)
            .Each("exemption", row => row.Tax.Exemption)
            .AddTo(batch);

    BulkInsert<TRow> Into<TRow>(string table, IReadOnlyCollection<TRow> rows)
        => new BulkInsert<TRow>(table, rows).All("tenant_id", tenant.Value);
}

/// <summary>An invoice that lacks nothing but its number.</summary>
/// <param name="Invoice">The invoice.</param>
/// <param name="Attempt">Which attempt of its run it is from.</param>
/// <param name="ContentHash">SHA-256 of what it says.</param>
sealed record IssuableInvoice(Invoice Invoice, short Attempt, byte[] ContentHash);
