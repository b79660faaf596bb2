using IspHost.Sdk;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>What must always be true of a tenant's books. Each question counts what contradicts it.</summary>
/// <remarks>Constraints make most of it unwritable. This finds what was done behind their back.</remarks>
static class Books
{
    static readonly (string Name, string Sql)[] Invariants =
    [
        ("Every account of a run has exactly one result.", """
            select count(*) from billing.bill_run_item item
            where item.tenant_id = $1 and (item.state = 'done') <> exists (
              select from billing.invoice i
              where i.tenant_id = $1 and i.run_id = item.run_id and i.customer_id = item.customer_id and i.attempt = item.attempt)
            """),
        ("Nothing is billed twice.", """
            select count(*) from billing.obligation a join billing.obligation b using (tenant_id, subscription_id, component)
            where tenant_id = $1 and a.sequence = 0 and b.sequence = 0 and a.period < b.period and a.period && b.period
            """),
        ("Every line has its obligation.", """
            select count(*) from billing.invoice_line l left join billing.obligation o using (tenant_id, invoice_id, line_no)
            where tenant_id = $1 and (o.invoice_id is null
              or (o.subscription_id, o.component, o.period) <> (l.subscription_id, l.component, l.period))
            """),
        ("Lines and taxes add up to their invoice.", """
            select count(*) from billing.invoice i
            where i.tenant_id = $1 and (i.net_minor, i.tax_minor) is distinct from (
              (select sum(net_minor) from billing.invoice_line l where l.tenant_id = $1 and l.invoice_id = i.id),
              (select sum(amount_minor) from billing.invoice_tax t where t.tenant_id = $1 and t.invoice_id = i.id))
            """),
        ("Every invoice is in the ledger with its total.", """
            select count(*) from billing.invoice i
            where i.tenant_id = $1 and i.total_minor <> coalesce((
              select sum(case when a.id = t.debit_account then t.amount_minor else -t.amount_minor end)
              from billing.transfer t
              join billing.ledger_account a on a.tenant_id = t.tenant_id and a.id in (t.debit_account, t.credit_account)
              where t.tenant_id = $1 and t.journal_id = i.id and a.code = 'receivable' and a.customer_id = i.customer_id), 0)
            """),
        ("Every journal of an invoice has its invoice.", """
            select count(*) from billing.journal j left join billing.invoice i using (tenant_id, id)
            where tenant_id = $1 and j.kind = 'invoice' and i.id is null
            """),
        ("The books balance.", """
            select count(*) from (
              select t.currency from billing.ledger_account a
              join billing.transfer t on t.tenant_id = a.tenant_id and a.id in (t.debit_account, t.credit_account)
              where a.tenant_id = $1 group by t.currency
              having sum(case when a.id = t.debit_account then t.amount_minor else -t.amount_minor end) <> 0) as unbalanced
            """),
        ("Numbers have no gap.", """
            select count(*) from (
              select series from billing.invoice_number where tenant_id = $1 group by series
              having min(number) <> 1 or max(number) <> count(*)) as gaps
            """),
        ("A series ends where its numbers end.", """
            select count(*) from billing.invoice_series s left join lateral (
              select number, hash from billing.invoice_number n
              where n.tenant_id = $1 and n.series = s.series order by number desc limit 1) as head on true
            where s.tenant_id = $1
              and (s.last_number, s.last_hash) is distinct from (coalesce(head.number, 0), coalesce(head.hash, ''::bytea))
            """),
        ("Every hash follows from the one before and the content.", """
            select count(*) from billing.invoice_number n join billing.invoice i on i.tenant_id = n.tenant_id and i.id = n.invoice_id
            where n.tenant_id = $1 and n.hash <> sha256(n.previous_hash || i.content_hash || convert_to(
              n.series || '-' || lpad(n.number::text, greatest(7, length(n.number::text)), '0'), 'UTF8'))
            """),
    ];

    public static async Task<BooksReport> CheckAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        var findings = new List<BooksFinding>();
        foreach (var (name, sql) in Invariants)
        {
            await using var command = connection.Statement(sql, Arg(tenant.Value));
            findings.Add(new(name, (long)(await command.ExecuteScalarAsync(cancellationToken))!));
        }
        return new(findings.All(finding => finding.Violations == 0), findings);
    }
}

/// <summary>Whether the books hold.</summary>
sealed record BooksReport(bool Holds, IReadOnlyList<BooksFinding> Invariants);

/// <summary>An invariant, and how many rows contradict it.</summary>
sealed record BooksFinding(string Name, long Violations);
