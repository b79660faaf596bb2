using IspHost.Sdk;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>A customer in a run.</summary>
readonly record struct RunItem(CustomerId Customer, short Attempt, bool WaitsForTax);

/// <summary>The customers of a run: who is still to be billed is a question to the database, never something remembered.</summary>
static class RunItems
{
    public const int Slots = 64;

    /// <summary>Adds customers that the run does not have yet.</summary>
    public static Task AddAsync(
        NpgsqlConnection connection, TenantId tenant, Guid run, IReadOnlyCollection<CustomerId> customers,
        CancellationToken cancellationToken)
        => connection.ExecuteAsync("""
            insert into billing.bill_run_item (tenant_id, run_id, customer_id, slot)
            select $1, $2, id, slot from unnest($3, $4) as c (id, slot)
            on conflict do nothing
            """,
            [
                Arg(tenant.Value), Arg(run),
                Arg(customers.Select(customer => customer.Value).ToArray()),
                Arg(customers.Select(SlotOf).ToArray()),
            ], cancellationToken);

    /// <summary>Takes customers that nobody else works on, and locks them until the transaction ends; those waiting for tax last.</summary>
    /// <remarks>
    /// If others hold all that is left, it waits for them rather than call the partition done: they may die with their work undone.
    /// </remarks>
    public static async Task<IReadOnlyList<RunItem>> TakeAsync(
        NpgsqlConnection connection, TenantId tenant, BillRun run, int partition, int limit, CancellationToken cancellationToken)
    {
        var free = await TakeAsync(connection, tenant, run, partition, limit, "skip locked", cancellationToken);
        return free.Count > 0 ? free : await TakeAsync(connection, tenant, run, partition, 1, "", cancellationToken);
    }

    static Task<List<RunItem>> TakeAsync(
        NpgsqlConnection connection, TenantId tenant, BillRun run, int partition, int limit, string wait,
        CancellationToken cancellationToken)
        => connection.ReadAsync($"""
            select customer_id, attempt, state = 'tax_pending' from billing.bill_run_item
            where tenant_id = $1 and run_id = $2 and state in ('todo', 'tax_pending') and slot = any ($3)
            order by state = 'tax_pending', customer_id limit $4 for update {wait}
            """,
            [Arg(tenant.Value), Arg(run.Id), Arg(SlotsOf(partition, run.Partitions)), Arg(limit)],
            row => new RunItem(new(row.GetGuid(0)), row.GetInt16(1), row.GetBoolean(2)), cancellationToken);

    static short[] SlotsOf(int partition, int partitions)
        => [.. Enumerable.Range(0, Slots).Where(slot => slot % partitions == partition).Select(slot => (short)slot)];

    /// <summary>The last bits of a version 7 UUID are random, so customers spread evenly over the slots.</summary>
    static short SlotOf(CustomerId customer) => (short)(customer.Value.ToByteArray(bigEndian: true)[15] % Slots);
}
