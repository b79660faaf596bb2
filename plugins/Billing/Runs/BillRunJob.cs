using System.Text.Json;
using IspHost.Sdk;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Tenants;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>Bills a month: lays out the customers, then bills some of them at a time.</summary>
sealed class BillRunJob(
    TenantDatabase<BillingDb> database, ICustomers customers, ITenants tenants, Pieces pieces, BillingJson json) : IJob
{
    public const string Name = "bill-run";

    const int CustomersPage = 2_000;
    const int CustomersPerPartition = 2_000;
    const int MostPartitions = 16;

    public async Task<int> PrepareAsync(JobRun run, CancellationToken cancellationToken)
    {
        var (tenant, period) = (TenantOf(run), PeriodOf(run));
        if (tenants.Now(tenant.Id) < period.InZone(tenant.Zone).End)
            throw new JobRefusedException($"The period {BillRun.NameOf(period)} is not over.");
        var bill = await database.OnConnectionAsync(tenant.Id, async (connection, stop) =>
        {
            await Numbering.OpenSeriesAsync(connection, tenant.Id, stop);
            return await BillRun.OpenAsync(connection, tenant.Id, period, tenants.Now(tenant.Id), stop);
        }, cancellationToken);
        return bill.Partitions > 0 ? bill.Partitions : await LayOutAsync(tenant.Id, bill, cancellationToken);
    }

    public async Task<JobStep> RunAsync(JobRun run, int partition, CancellationToken cancellationToken)
    {
        var tenant = TenantOf(run);
        var bill = await FindAsync(tenant, PeriodOf(run), cancellationToken);
        var claim = await pieces.ClaimAsync(tenant, bill, partition, cancellationToken);
        if (claim is null)
            return new JobStep.Later("Another runner has the partition, or died with it.");
        if (claim.Items.Count == 0)
            return new JobStep.Done();

        var bills = await pieces.BillAsync(tenant, bill, claim, cancellationToken);
        // The host pauses before it calls again, each time for longer: that is what an engine which is down, or has no room, needs.
        if (claim.Items.All(item => item.IsWaiting) && bills.All(account => account.Pending is not null))
            return new JobStep.Later($"{bills.Count} accounts wait for their {bills[0].Pending}");
        return new JobStep.More();
    }

    public Task FinishAsync(JobRun run, CancellationToken cancellationToken)
    {
        var (tenant, period) = (TenantOf(run), PeriodOf(run));
        return database.OnConnectionAsync(tenant.Id, async (connection, stop) =>
        {
            if (await BillRun.FindAsync(connection, tenant.Id, period, stop) is not { State: "open" } bill)
                return;
            var outcome = await RunViews.CountAsync(connection, tenant.Id, bill, stop);
            await connection.ExecuteAsync("""
                update billing.bill_run run set state = 'done', finished_at = $3, outcome = $4::json
                where tenant_id = $1 and id = $2 and state = 'open' and not exists (
                  select from billing.bill_run_item item
                  where item.tenant_id = run.tenant_id and item.run_id = run.id and item.state in ('todo', 'tax_pending'))
                """,
                [
                    Arg(tenant.Id.Value), Arg(bill.Id), Arg(tenants.Now(tenant.Id)),
                    Arg(JsonSerializer.Serialize(outcome, json.RunOutcome)),
                ], stop);
        }, cancellationToken);
    }

    async Task<int> LayOutAsync(TenantId tenant, BillRun run, CancellationToken cancellationToken)
    {
        var count = 0;
        CustomerId? after = null;
        IReadOnlyList<Customer> page;
        do
        {
            page = await customers.PageAsync(tenant, after, CustomersPage, cancellationToken);
            var ids = page.Select(customer => customer.Id).ToList();
            await database.OnConnectionAsync(
                tenant, (connection, stop) => RunItems.AddAsync(connection, tenant, run.Id, ids, stop), cancellationToken);
            count += page.Count;
            after = page.Count > 0 ? page[^1].Id : after;
        }
        while (page.Count == CustomersPage);

        var partitions = (short)Math.Clamp(count / CustomersPerPartition, 1, MostPartitions);
        return await database.OnConnectionAsync(tenant, async (connection, stop) =>
        {
            // The first to finish the layout decides, so that all pieces agree on who belongs where.
            await using var command = connection.Statement(
                "update billing.bill_run set partitions = coalesce(partitions, $3) where tenant_id = $1 and id = $2 returning partitions",
                Arg(tenant.Value), Arg(run.Id), Arg(partitions));
            return (short)(await command.ExecuteScalarAsync(stop))!;
        }, cancellationToken);
    }

    async Task<BillRun> FindAsync(Tenant tenant, DateRange period, CancellationToken cancellationToken)
        => await database.OnConnectionAsync(
            tenant.Id, (connection, stop) => BillRun.FindAsync(connection, tenant.Id, period, stop), cancellationToken)
        ?? throw new InvalidOperationException($"The run for {period} was not prepared.");

    Tenant TenantOf(JobRun run) => tenants.Find(run.Tenant) ?? throw new JobRefusedException("There is no such tenant.");

    static DateRange PeriodOf(JobRun run)
        => BillRun.TryParsePeriod(run.Argument, out var period)
            ? period.Value
            : throw new JobRefusedException($"'{run.Argument}' is not a month such as 2026-10.");
}
