using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Tenants;
using NodaTime;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>Starts runs, starts them again, and tells how far they are.</summary>
sealed class BillRuns(TenantDatabase<BillingDb> database, ITenants tenants, IJobs jobs, RunViews views)
{
    /// <summary>Whether all days of the period have passed where the tenant is.</summary>
    public bool IsOver(TenantId tenant, DateRange period)
        => tenants.Find(tenant) is { } found && tenants.Now(tenant) >= period.InZone(found.Zone).End;

    /// <summary>Starts the run of the period, or finds it.</summary>
    public async Task<RunView> StartAsync(TenantId tenant, DateRange period, CancellationToken cancellationToken)
    {
        var run = await database.OnConnectionAsync(
            tenant, (connection, stop) => BillRun.OpenAsync(connection, tenant, period, tenants.Now(tenant), stop), cancellationToken);
        var job = await jobs.StartAsync(BillRunJob.Name, JobOf(tenant, run), cancellationToken);
        return await ViewAsync(tenant, run, job, cancellationToken);
    }

    /// <summary>The run of the period; null if there is none.</summary>
    public async Task<RunView?> FindAsync(TenantId tenant, DateRange period, CancellationToken cancellationToken)
    {
        var found = await database.OnConnectionAsync<(BillRun Run, RunView View)?>(
            tenant,
            async (connection, stop) => await BillRun.FindAsync(connection, tenant, period, stop) is { } run
                ? (run, await views.ReadAsync(connection, tenant, run, job: null, stop))
                : null,
            cancellationToken);
        return found is ({ State: "open" } run, var view)
            ? view with { Error = (await jobs.FindAsync(tenant, BillRunJob.Name, run.JobKey, cancellationToken))?.Error }
            : found?.View;
    }

    /// <summary>The latest runs first.</summary>
    public Task<List<RunView>> ListAsync(TenantId tenant, LocalDate? before, int limit, CancellationToken cancellationToken)
        => database.OnConnectionAsync(tenant, async (connection, stop) =>
        {
            var runs = new List<RunView>();
            foreach (var run in await BillRun.LatestAsync(connection, tenant, before, limit, stop))
                runs.Add(await views.ReadAsync(connection, tenant, run, job: null, stop));
            return runs;
        }, cancellationToken);

    /// <summary>Bills the accounts again that were parked or have held lines. Without any it changes nothing.</summary>
    public async Task<RunView?> RetryAsync(TenantId tenant, DateRange period, CancellationToken cancellationToken)
    {
        var run = await database.OnConnectionAsync(
            tenant, (connection, stop) => ReopenAsync(connection, tenant, period, stop), cancellationToken);
        if (run is null)
            return null;
        var job = await jobs.StartAsync(BillRunJob.Name, JobOf(tenant, run), cancellationToken);
        return await ViewAsync(tenant, run, job, cancellationToken);
    }

    static JobRun JobOf(TenantId tenant, BillRun run) => new() { Tenant = tenant, Key = run.JobKey, Argument = BillRun.NameOf(run.Period) };

    static async Task<BillRun?> ReopenAsync(
        NpgsqlConnection connection, TenantId tenant, DateRange period, CancellationToken cancellationToken)
    {
        if (await BillRun.FindAsync(connection, tenant, period, cancellationToken) is not { } run)
            return null;
        await connection.ExecuteAsync("""
            with reopened as (
              update billing.bill_run_item item set state = 'todo', reason = null, attempt = attempt + 1, tries = 0, tried_at = null
              where tenant_id = $1 and run_id = $2 and (state = 'parked' or state in ('done', 'nothing') and exists (
                select from billing.held_line held
                where held.tenant_id = item.tenant_id and held.run_id = item.run_id and held.customer_id = item.customer_id))
              returning customer_id
            ), cleared as (
              update billing.account set parked_reason = null
              where tenant_id = $1 and parked_reason is not null and customer_id in (select customer_id from reopened)
            )
            update billing.bill_run set state = 'open', finished_at = null, outcome = null, attempt = attempt + 1
            where tenant_id = $1 and id = $2 and exists (select from reopened)
            """,
            [Arg(tenant.Value), Arg(run.Id)], cancellationToken);
        return await BillRun.FindAsync(connection, tenant, period, cancellationToken);
    }

    Task<RunView> ViewAsync(TenantId tenant, BillRun run, JobStatus? job, CancellationToken cancellationToken)
        => database.OnConnectionAsync(
            tenant, (connection, stop) => views.ReadAsync(connection, tenant, run, job, stop), cancellationToken);
}
