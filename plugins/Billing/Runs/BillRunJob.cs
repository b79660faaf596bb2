using IspHost.Sdk;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Tenants;
using Microsoft.Extensions.Logging;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>Bills a month: lays out the customers, then bills some of them at a time.</summary>
sealed class BillRunJob(
    TenantDatabase<BillingDb> database, ICustomers customers, ITenants tenants, Invoicing invoicing, BillingJson json,
    ILogger<BillRunJob> log)
    : IJob
{
    public const string Name = "bill-run";

    const int PieceSize = 200;
    const int CustomersPage = 10_000;
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
        var (taken, waiting) = await database.OnConnectionAsync(
            tenant.Id, (connection, stop) => PieceAsync(connection, tenant, PeriodOf(run), partition, stop), cancellationToken);
        // The host pauses before it calls again, each time for longer: that is what an engine which is down needs.
        if (waiting.Count > 0 && waiting.Count == taken.Count && taken.All(item => item.WaitsForTax))
            return new JobStep.Later($"{waiting.Count} accounts wait for their taxes: {waiting[0]}");
        return taken.Count > 0 ? new JobStep.More() : new JobStep.Done();
    }

    public Task FinishAsync(JobRun run, CancellationToken cancellationToken)
    {
        var (tenant, period) = (TenantOf(run), PeriodOf(run));
        return database.OnConnectionAsync(tenant.Id, (connection, stop) => connection.ExecuteAsync("""
            update billing.bill_run run set state = 'done', finished_at = $4
            where tenant_id = $1 and period = daterange($2, $3) and state = 'open' and not exists (
              select from billing.bill_run_item item
              where item.tenant_id = run.tenant_id and item.run_id = run.id and item.state in ('todo', 'tax_pending'))
            """,
            [Arg(tenant.Id.Value), Arg(period.Start), Arg(period.End), Arg(tenants.Now(tenant.Id))], stop), cancellationToken);
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

    async Task<(IReadOnlyList<RunItem> Taken, List<string> Waiting)> PieceAsync(
        NpgsqlConnection connection, Tenant tenant, DateRange period, int partition, CancellationToken cancellationToken)
    {
        var run = await BillRun.FindAsync(connection, tenant.Id, period, cancellationToken)
            ?? throw new InvalidOperationException($"The run for {period} was not prepared.");
        var items = await RunItems.TakeAsync(connection, tenant.Id, run, partition, PieceSize, cancellationToken);
        if (items.Count == 0)
            return (items, []);
        var bills = await invoicing.BillAsync(connection, tenant, run, items, cancellationToken);
        var writer = new InvoiceWriter(connection, tenant.Id, run, tenants.Now(tenant.Id), json);
        await new Piece(connection, tenant, writer, AgainAsync, log).WriteAsync(bills, cancellationToken);
        return (items, [.. bills.Select(bill => bill.TaxPending).OfType<string>()]);

        async Task<AccountBill> AgainAsync(RunItem item)
            => (await invoicing.BillAsync(connection, tenant, run, [item], cancellationToken))[0];
    }

    Tenant TenantOf(JobRun run) => tenants.Find(run.Tenant) ?? throw new JobRefusedException("There is no such tenant.");

    static DateRange PeriodOf(JobRun run)
        => BillRun.TryParsePeriod(run.Argument, out var period)
            ? period.Value
            : throw new JobRefusedException($"'{run.Argument}' is not a month such as 2026-10.");
}
