using IspHost.Sdk;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>A customer in a run.</summary>
/// <param name="Customer">Who it is.</param>
/// <param name="Attempt">Of the run.</param>
/// <param name="Tries">How often the prices of its usage were asked for in vain.</param>
/// <param name="IsWaiting">It was taken up before, and had to wait for its prices or taxes.</param>
readonly record struct RunItem(CustomerId Customer, short Attempt, short Tries, bool IsWaiting);

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

    /// <summary>The next customers of a partition; only when no others are left, those that wait for prices or taxes, by turns.</summary>
    public static async Task<IReadOnlyList<RunItem>> OpenAsync(
        NpgsqlConnection connection, TenantId tenant, BillRun run, int partition, int limit, CancellationToken cancellationToken)
    {
        var todo = await OpenAsync(connection, tenant, run, partition, "state = 'todo' and tries = 0", limit, cancellationToken);
        return todo.Count > 0
            ? todo
            : await OpenAsync(
                connection, tenant, run, partition, "state in ('todo', 'tax_pending') order by tried_at", limit, cancellationToken);
    }

    static Task<List<RunItem>> OpenAsync(
        NpgsqlConnection connection, TenantId tenant, BillRun run, int partition, string which, int limit,
        CancellationToken cancellationToken)
        => connection.ReadAsync($"""
            select * from (
              select customer_id, attempt, tries, tried_at is not null from billing.bill_run_item
              where tenant_id = $1 and run_id = $2 and slot = any ($3) and {which} limit $4) as next
            order by customer_id
            """,
            [Arg(tenant.Value), Arg(run.Id), Arg(SlotsOf(partition, run.Partitions)), Arg(limit)],
            row => new RunItem(new(row.GetGuid(0)), row.GetInt16(1), row.GetInt16(2), row.GetBoolean(3)), cancellationToken);

    static short[] SlotsOf(int partition, int partitions)
        => [.. Enumerable.Range(0, Slots).Where(slot => slot % partitions == partition).Select(slot => (short)slot)];

    /// <summary>The last bits of a version 7 UUID are random, so customers spread evenly over the slots.</summary>
    public static short SlotOf(CustomerId customer) => (short)(customer.Value.ToByteArray(bigEndian: true)[15] % Slots);
}
