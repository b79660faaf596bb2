using IspHost.Sdk;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>What a customer owes, by currency.</summary>
sealed record BalanceView(CustomerId Customer, IReadOnlyList<Money> Balances);

/// <summary>All accounts of the ledger, those of customers added up.</summary>
sealed record TrialBalance(IReadOnlyList<TrialBalanceRow> Accounts);

sealed record TrialBalanceRow(string Code, string Kind, Money Debit, Money Credit, Money Balance);

/// <summary>Balances are always derived from the transfers.</summary>
static class Balances
{
    public static async Task<BalanceView> OfAsync(
        NpgsqlConnection connection, TenantId tenant, CustomerId customer, CancellationToken cancellationToken)
        => new(customer, await connection.ReadAsync("""
            select a.currency, (
              coalesce((select sum(amount_minor) from billing.transfer t where t.tenant_id = $1 and t.debit_account = a.id), 0)
              - coalesce((select sum(amount_minor) from billing.transfer t where t.tenant_id = $1 and t.credit_account = a.id), 0))::bigint
            from billing.ledger_account a
            where a.tenant_id = $1 and a.code = 'receivable' and a.customer_id = $2 order by a.currency
            """,
            [Arg(tenant.Value), Arg(customer.Value)],
            row => Money.FromMinor(row.GetInt64(1), Currency.Of(row.GetString(0))), cancellationToken));

    public static async Task<TrialBalance> TrialAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
        => new(await connection.ReadAllAsync("""
            with moved as (
              select debit_account as id, sum(amount_minor) as debit, 0 as credit from billing.transfer where tenant_id = $1 group by 1
              union all
              select credit_account, 0, sum(amount_minor) from billing.transfer where tenant_id = $1 group by 1)
            select a.code, a.kind, a.currency, coalesce(sum(m.debit), 0)::bigint, coalesce(sum(m.credit), 0)::bigint
            from billing.ledger_account a left join moved m using (id)
            where a.tenant_id = $1 group by a.code, a.kind, a.currency order by a.currency, a.code
            """,
            [Arg(tenant.Value)],
            row =>
            {
                var currency = Currency.Of(row.GetString(2));
                var (debit, credit) = (Money.FromMinor(row.GetInt64(3), currency), Money.FromMinor(row.GetInt64(4), currency));
                return new TrialBalanceRow(row.GetString(0), row.GetString(1), debit, credit, debit - credit);
            }, cancellationToken));
}
