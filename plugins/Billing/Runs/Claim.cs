using IspHost.Sdk;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>A partition of a run that one runner has for a while, and the customers that it bills next.</summary>
/// <remarks>
/// It holds neither lock nor connection. A lease for each customer would do the same, at the price of writing each of them once more.
/// </remarks>
/// <param name="Partition">Which partition.</param>
/// <param name="Lease">Names this runner's turn.</param>
/// <param name="Items">Who is to be billed: nobody, if all are.</param>
sealed record Claim(int Partition, Guid Lease, IReadOnlyList<RunItem> Items)
{
    /// <summary>
    /// By the database's clock, which all nodes share. A runner that takes longer keeps its partition unless somebody else takes it;
    /// then it finds that it is no longer its own, and writes nothing.
    /// </summary>
    static readonly TimeSpan Term = TimeSpan.FromSeconds(15);

    /// <summary>Takes a partition, unless another runner has it; then the answer is null.</summary>
    public static async Task<Claim?> TakeAsync(
        NpgsqlConnection connection, TenantId tenant, BillRun run, int partition, int limit, CancellationToken cancellationToken)
    {
        var lease = Guid.CreateVersion7();
        var taken = await connection.ExecuteAsync("""
            insert into billing.bill_run_lease as present (tenant_id, run_id, partition, lease, ends_at)
            values ($1, $2, $3, $4, clock_timestamp() + $5)
            on conflict (tenant_id, run_id, partition) do update set lease = excluded.lease, ends_at = excluded.ends_at
              where present.ends_at < clock_timestamp()
            """,
            [Arg(tenant.Value), Arg(run.Id), Arg((short)partition), Arg(lease), Arg(Term)], cancellationToken);
        if (taken == 0)
            return null;
        var items = await RunItems.OpenAsync(connection, tenant, run, partition, limit, cancellationToken);
        var claim = new Claim(partition, lease, items);
        if (items.Count == 0)
            await claim.GiveBackAsync(connection, tenant, run, cancellationToken);
        return claim;
    }

    /// <summary>Makes sure until the transaction ends that nobody takes the partition, if it is still this runner's.</summary>
    public async Task<bool> HoldAsync(NpgsqlConnection connection, TenantId tenant, BillRun run, CancellationToken cancellationToken)
        => (await connection.ReadAsync("""
            select true from billing.bill_run_lease
            where tenant_id = $1 and run_id = $2 and partition = $3 and lease = $4 for update
            """, Key(tenant, run), row => row.GetBoolean(0), cancellationToken)).Count > 0;

    /// <summary>Gives the partition back, so that nobody has to wait until the lease runs out.</summary>
    public Task GiveBackAsync(NpgsqlConnection connection, TenantId tenant, BillRun run, CancellationToken cancellationToken)
        => connection.ExecuteAsync("""
            update billing.bill_run_lease set ends_at = '-infinity'
            where tenant_id = $1 and run_id = $2 and partition = $3 and lease = $4
            """, Key(tenant, run), cancellationToken);

    NpgsqlParameter[] Key(TenantId tenant, BillRun run) => [Arg(tenant.Value), Arg(run.Id), Arg((short)Partition), Arg(Lease)];
}
