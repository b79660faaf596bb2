using System.Security.Cryptography;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>A stored PDF.</summary>
sealed record Document(InvoiceNumber Number, byte[] Body)
{
    public const string ContentType = "application/pdf";

    public string FileName => $"invoice-{Number}.pdf";
}

/// <summary>The PDFs of invoices: each is drawn once and kept.</summary>
sealed class Documents(TenantDatabase<BillingDb> database, InvoiceReader reader, ITenants tenants)
{
    /// <summary>The PDF of an invoice; null if there is no such invoice.</summary>
    /// <remarks>Drawing takes its time, and no connection meanwhile.</remarks>
    public async Task<Document?> GetAsync(TenantId tenant, Guid invoice, CancellationToken cancellationToken)
    {
        var (stored, issued) = await database.OnConnectionAsync(tenant, async (connection, stop) =>
            await StoredAsync(connection, tenant, invoice, stop) is { } found
                ? (found, null)
                : ((Document?)null, await reader.FindAsync(connection, tenant, invoice, stop)), cancellationToken);
        if (stored is not null || issued is null)
            return stored;
        if (!CryptographicOperations.FixedTimeEquals(ContentHash.Of(issued.Invoice), issued.ContentHash))
            throw new InvalidOperationException($"Invoice {issued.Number} is not what was issued: its content has another hash.");
        return await StoreAsync(tenant, invoice, InvoicePdf.Render(issued), cancellationToken);
    }

    Task<Document?> StoreAsync(TenantId tenant, Guid invoice, byte[] body, CancellationToken cancellationToken)
        => database.OnConnectionAsync(tenant, async (connection, stop) =>
        {
            await connection.ExecuteAsync("""
                insert into billing.document (tenant_id, invoice_id, content_type, body, created_at) values ($1, $2, $3, $4, $5)
                on conflict do nothing
                """,
                [Arg(tenant.Value), Arg(invoice), Arg(Document.ContentType), Arg(body), Arg(tenants.Now(tenant))], stop);
            // If another call was faster, its document is the one that counts.
            return await StoredAsync(connection, tenant, invoice, stop);
        }, cancellationToken);

    static async Task<Document?> StoredAsync(
        NpgsqlConnection connection, TenantId tenant, Guid invoice, CancellationToken cancellationToken)
        => (await connection.ReadAsync("""
            select n.series, n.number, d.body from billing.document d
            join billing.invoice_number n on n.tenant_id = d.tenant_id and n.invoice_id = d.invoice_id
            where d.tenant_id = $1 and d.invoice_id = $2
            """,
            [Arg(tenant.Value), Arg(invoice)],
            row => new Document(new(row.GetString(0), row.GetInt64(1)), row.GetFieldValue<byte[]>(2)), cancellationToken))
            .SingleOrDefault();
}
