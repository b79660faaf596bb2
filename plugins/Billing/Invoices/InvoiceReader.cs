using System.Text.Json;
using IspHost.Sdk;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>An invoice as it was issued.</summary>
sealed record IssuedInvoice(Invoice Invoice, InvoiceNumber Number, byte[] ContentHash);

/// <summary>Reads an invoice back from what was issued, never from what the customer is today.</summary>
sealed class InvoiceReader(BillingJson json)
{
    public async Task<IssuedInvoice?> FindAsync(
        NpgsqlConnection connection, TenantId tenant, Guid invoice, CancellationToken cancellationToken)
    {
        var lines = await LinesAsync(connection, tenant, invoice, cancellationToken);
        return (await connection.ReadAsync("""
            select i.customer_id, i.currency, lower(i.period), upper(i.period), i.tax_point, i.issued_on, i.due_on, i.seller, i.buyer,
              i.content_hash, n.series, n.number
            from billing.invoice i join billing.invoice_number n on n.tenant_id = i.tenant_id and n.invoice_id = i.id
            where i.tenant_id = $1 and i.id = $2
            """,
            [Arg(tenant.Value), Arg(invoice)], row => Row(row, invoice, lines), cancellationToken)).SingleOrDefault();
    }

    IssuedInvoice Row(NpgsqlDataReader row, Guid id, IReadOnlyList<InvoiceLine> lines) => new(
        new()
        {
            Id = id,
            Customer = new(row.GetGuid(0)),
            Currency = Currency.Of(row.GetString(1)),
            Period = new(row.Date(2), row.Date(3)),
            TaxPoint = row.Date(4),
            IssuedOn = row.Date(5),
            DueOn = row.Date(6),
            Seller = JsonSerializer.Deserialize(row.GetString(7), json.Seller)!,
            Buyer = JsonSerializer.Deserialize(row.GetString(8), json.Buyer)!,
            Lines = lines,
        },
        new(row.GetString(10), row.GetInt64(11)),
        row.GetFieldValue<byte[]>(9));

    static async Task<IReadOnlyList<InvoiceLine>> LinesAsync(
        NpgsqlConnection connection, TenantId tenant, Guid invoice, CancellationToken cancellationToken)
    {
        var taxes = (await connection.ReadAsync("""
            select line_no, tax_no, jurisdiction, name, category, rate_percent, base_minor, amount_minor, exemption from billing.invoice_tax
            where tenant_id = $1 and invoice_id = $2 order by line_no, tax_no
            """,
            [Arg(tenant.Value), Arg(invoice)], Tax, cancellationToken)).ToLookup(tax => tax.LineNo);
        return await connection.ReadAsync("""
            select l.line_no, l.component, l.subscription_id, l.contract_version_id, l.description, lower(l.period), upper(l.period),
              o.sequence, l.quantity, l.unit, l.unit_price, l.numerator, l.denominator, l.net_minor, l.tax_class, l.rule, l.rule_hash,
              l.inputs_digest, l.explanation, l.bytes
            from billing.invoice_line l join billing.obligation o using (tenant_id, invoice_id, line_no)
            where l.tenant_id = $1 and l.invoice_id = $2 order by l.line_no
            """,
            [Arg(tenant.Value), Arg(invoice)], row => Line(row) with { Taxes = [.. taxes[row.GetInt16(0)]] }, cancellationToken);
    }

    static InvoiceLine Line(NpgsqlDataReader row) => new()
    {
        LineNo = row.GetInt16(0),
        Component = ComponentNames.Parse(row.GetString(1)),
        Subscription = new(row.GetGuid(2)),
        Version = new(row.GetGuid(3)),
        Description = row.GetString(4),
        Period = new(row.Date(5), row.Date(6)),
        Sequence = row.GetInt16(7),
        Quantity = row.GetDecimal(8),
        Unit = row.GetString(9),
        UnitPrice = row.GetDecimal(10),
        Part = new(row.GetInt32(11), row.GetInt32(12)),
        NetMinor = row.GetInt64(13),
        TaxClass = row.GetString(14),
        Rule = row.GetString(15),
        RuleHash = row.Text(16),
        InputsDigest = row.IsDBNull(17) ? null : row.GetFieldValue<byte[]>(17),
        Explanation = row.GetString(18),
        Bytes = row.GetInt64(19),
    };

    static InvoiceTax Tax(NpgsqlDataReader row) => new(
        row.GetInt16(0), row.GetInt16(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetDecimal(5), row.GetInt64(6),
        row.GetInt64(7), row.Text(8));
}
