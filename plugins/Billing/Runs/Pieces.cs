using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using Microsoft.Extensions.Logging;

namespace IspHost.Plugins.Billing;

/// <summary>Bills some customers of a run in three phases: claim, work out, write.</summary>
/// <remarks>
/// Claiming and writing are short transactions. In between nothing is held, for there other plugins are asked, and each of them may
/// take its whole deadline. So what is written must still be this runner's, and the constraints have the last word.
/// </remarks>
sealed class Pieces(TenantDatabase<BillingDb> database, Invoicing invoicing, ITenants tenants, BillingJson json, ILogger<Pieces> log)
{
    const int Size = 500;

    /// <summary>
    /// A piece touches few rows of tables that may have grown a thousandfold since PostgreSQL last counted them, and so do its foreign
    /// keys: by its plans for small tables each piece would read all that the ones before have written.
    /// </summary>
    const string ByIndex = "set local enable_seqscan = off";

    /// <summary>Takes a partition, unless another runner has it; then the answer is null.</summary>
    public Task<Claim?> ClaimAsync(Tenant tenant, BillRun run, int partition, CancellationToken cancellationToken)
        => database.OnConnectionAsync(
            tenant.Id, (connection, stop) => Claim.TakeAsync(connection, tenant.Id, run, partition, Size, stop), cancellationToken);

    /// <summary>Bills those who were taken, and gives the partition back.</summary>
    /// <returns>What was worked out of each.</returns>
    public async Task<IReadOnlyList<AccountBill>> BillAsync(Tenant tenant, BillRun run, Claim claim, CancellationToken cancellationToken)
    {
        var isOver = false;
        try
        {
            var bills = await invoicing.BillAsync(tenant, run, claim.Items, cancellationToken);
            var outdated = await WriteAsync(tenant, run, claim, bills, isLastTry: false, cancellationToken);
            if (outdated.Count > 0)
            {
                // What the other run has written can be seen by now.
                var again = await invoicing.BillAsync(tenant, run, [.. outdated.Select(bill => bill.Item)], cancellationToken);
                await WriteAsync(tenant, run, claim, again, isLastTry: true, cancellationToken);
            }
            isOver = true;
            return bills;
        }
        finally
        {
            if (!isOver)
            {
                await database.OnConnectionAsync(
                    tenant.Id, (connection, stop) => claim.GiveBackAsync(connection, tenant.Id, run, stop), CancellationToken.None);
            }
        }
    }

    Task<IReadOnlyList<AccountBill>> WriteAsync(
        Tenant tenant, BillRun run, Claim claim, IReadOnlyList<AccountBill> bills, bool isLastTry, CancellationToken cancellationToken)
        => database.OnConnectionAsync<IReadOnlyList<AccountBill>>(tenant.Id, async (connection, stop) =>
        {
            if (!await claim.HoldAsync(connection, tenant.Id, run, stop))
                return [];
            await connection.ExecuteAsync(ByIndex, [], stop);
            var writer = new InvoiceWriter(connection, tenant.Id, run, tenants.Now(tenant.Id), json);
            var outdated = await new Posting(connection, tenant, writer, log).WriteAsync(bills, isLastTry, stop);
            if (outdated.Count == 0)
                await claim.GiveBackAsync(connection, tenant.Id, run, stop);
            return outdated;
        }, cancellationToken);
}
