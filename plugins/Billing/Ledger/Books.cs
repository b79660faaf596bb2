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
            select count(*) from (
              select lower(period) < max(upper(period)) over (
                partition by subscription_id, component order by period rows between unbounded preceding and 1 preceding) as is_again
              from billing.obligation where tenant_id = $1 and sequence = 0) as billed
            where is_again
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
            select count(*) from (
              select from (
                select id, customer_id, total_minor as amount, true as is_invoice from billing.invoice where tenant_id = $1
                union all
                select moved.journal_id, a.customer_id, -moved.amount, false from moved
                join billing.ledger_account a on a.tenant_id = $1 and a.id = moved.account and a.code = 'receivable') as fact
              group by id, customer_id having bool_or(is_invoice) and sum(amount) <> 0) as wrong
            """),
        ("Every journal of an invoice has its invoice.", """
            select count(*) from billing.journal j left join billing.invoice i using (tenant_id, id)
            where tenant_id = $1 and j.kind = 'invoice' and i.id is null
            """),
        ("The books balance.", """
            select count(*) from (
              select from moved join billing.ledger_account a on a.tenant_id = $1 and a.id = moved.account
              group by moved.currency having sum(moved.amount) <> 0) as unbalanced
            """),
        ("Numbers have no gap.", """
            select count(*) from (
              select series from billing.invoice_number where tenant_id = $1 group by series
              having min(number) <> 1 or max(number) <> count(*)) as gaps
            """),
        ("A series ends where its numbers end.", """
            select count(*) from billing.invoice_series s left join (
              select distinct on (series) series, number, hash from billing.invoice_number
              where tenant_id = $1 order by series, number desc) as head using (series)
            where s.tenant_id = $1
              and (s.last_number, s.last_hash) is distinct from (coalesce(head.number, 0), coalesce(head.hash, ''::bytea))
            """),
        ("Every hash follows from the one before and the content.", """
            select count(*) from billing.invoice_number n join billing.invoice i on i.tenant_id = n.tenant_id and i.id = n.invoice_id
            where n.tenant_id = $1 and n.hash <> sha256(n.previous_hash || i.content_hash || convert_to(
              n.series || '-' || lpad(n.number::text, greatest(7, length(n.number::text)), '0'), 'UTF8'))
            """),
    ];

    /// <summary>All questions at once, about one state of the books. <c>moved</c> is what each side of the transfers is moved by.</summary>
    public static string Statement { get; } = $"""
        with moved as not materialized (
          select journal_id, currency, debit_account as account, amount_minor as amount from billing.transfer where tenant_id = $1
          union all
          select journal_id, currency, credit_account, -amount_minor from billing.transfer where tenant_id = $1)
        {string.Join(" union all ", Invariants.Select((invariant, number) => $"select {number}, ({invariant.Sql})"))}
        order by 1
        """;

    public static async Task<BooksReport> CheckAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        var findings = await connection.ReadAllAsync(
            Statement, [Arg(tenant.Value)], row => new BooksFinding(Invariants[row.GetInt32(0)].Name, row.GetInt64(1)), cancellationToken);
        return new(findings.All(finding => finding.Violations == 0), findings);
    }
}

/// <summary>Whether the books hold.</summary>
sealed record BooksReport(bool Holds, IReadOnlyList<BooksFinding> Invariants);

/// <summary>An invariant, and how many rows contradict it.</summary>
sealed record BooksFinding(string Name, long Violations);
