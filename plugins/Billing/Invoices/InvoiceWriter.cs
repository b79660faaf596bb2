using IspHost.Sdk;
using NodaTime;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>Issues the invoices of some accounts in the connection's present transaction, with few round trips for all of them.</summary>
sealed class InvoiceWriter(NpgsqlConnection connection, TenantId tenant, BillRun run, Instant now, BillingJson json)
{
    public async Task WriteAsync(IReadOnlyList<AccountBill> bills, CancellationToken cancellationToken)
    {
        var invoices = bills
            .SelectMany(bill => bill.Invoices.Select(invoice => new IssuableInvoice(invoice, bill.Item.Attempt, ContentHash.Of(invoice))))
            .ToList();
        await using (var batch = new NpgsqlBatch(connection))
        {
            new InvoiceRows(batch, tenant, json).Write(run, invoices);
            WriteHeld(batch, [.. bills.Where(bill => bill.IsOpen)]);
            WriteItems(batch, bills);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        if (invoices.Count > 0)
            await new Numbering(connection, tenant, now).NumberAsync(invoices, cancellationToken);
    }

    /// <summary>What was held before is judged anew, so it goes first.</summary>
    void WriteHeld(NpgsqlBatch batch, IReadOnlyList<AccountBill> judged)
    {
        batch.Add(
            "delete from billing.held_line where tenant_id = $1 and customer_id = any ($2)",
            Arg(tenant.Value), Arg(judged.Select(bill => bill.Item.Customer.Value).ToArray()));
        new BulkInsert<HeldLine>("billing.held_line", [.. judged.SelectMany(bill => bill.Held)])
            .All("tenant_id", tenant.Value)
            .All("run_id", run.Id)
            .Each("customer_id", held => held.Due.Version.Customer.Value)
            .Each("subscription_id", held => held.Due.Version.Subscription.Value)
            .Each("component", held => held.Due.Component.Text())
            .Days("period", held => held.Due.Served)
            .Each("contract_version_id", held => held.Due.Version.Id.Value)
            .Each("reason", held => held.Reason)
            .Each("detail", held => held.Detail)
            .UnlessThere().AddTo(batch);
    }

    /// <summary>
    /// An insert that finds the row there looks into the index once. An update that joins the table would read the whole run for each
    /// piece, as long as PostgreSQL believes that the table is small.
    /// </summary>
    void WriteItems(NpgsqlBatch batch, IReadOnlyList<AccountBill> bills)
        => batch.Add("""
            insert into billing.bill_run_item as item (tenant_id, run_id, customer_id, slot, state, reason)
            select $1, $2, customer, slot, state, reason from unnest($3, $4, $5, $6) as done (customer, slot, state, reason)
            on conflict (tenant_id, run_id, customer_id) do update set state = excluded.state, reason = excluded.reason,
              tried_at = case when excluded.state in ('todo', 'tax_pending') then clock_timestamp() end,
              tries = item.tries + (excluded.state = 'todo')::int
            """,
            Arg(tenant.Value), Arg(run.Id), Arg(bills.Select(bill => bill.Item.Customer.Value).ToArray()),
            Arg(bills.Select(bill => RunItems.SlotOf(bill.Item.Customer)).ToArray()),
            Arg(bills.Select(bill => bill.State).ToArray()), Arg(bills.Select(bill => bill.Reason).ToArray()));
}
