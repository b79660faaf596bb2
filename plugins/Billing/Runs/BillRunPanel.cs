using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Panels;
using IspHost.Sdk.Tenants;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>The last bill runs of all tenants, on the host's status page.</summary>
sealed class BillRunPanel(IDatabase all, TenantDatabase<BillingDb> database, ITenants tenants, RunViews views) : IPanel
{
    const int MostRows = 20;

    public async ValueTask<Panel> ReadAsync(CancellationToken cancellationToken)
    {
        var rows = new List<string[]>();
        foreach (var (tenant, run) in await LatestAsync(cancellationToken))
        {
            if (tenants.Find(tenant) is { } known && await ReadAsync(tenant, run, cancellationToken) is { } view)
                rows.Add(Cells(known, view));
        }
        return new()
        {
            Title = "Bill runs",
            // Arrays, since a collection expression would make list types of this plugin, and the host may keep the panel.
            Columns = new[] { "Tenant", "Period", "State", "Accounts done", "Parked", "Invoices", "Total" },
            Rows = rows.ToArray(),
        };
    }

    /// <summary>Not tenant by tenant: there may be ten thousand.</summary>
    async Task<List<(TenantId Tenant, Guid Run)>> LatestAsync(CancellationToken cancellationToken)
    {
        await using var connection = await all.Connections.OpenConnectionAsync(cancellationToken);
        return await connection.ReadAsync(
            "select tenant_id, run_id from billing.recent_run order by noted_at desc limit $1", [Arg(MostRows)],
            row => (new TenantId(row.GetGuid(0)), row.GetGuid(1)), cancellationToken);
    }

    Task<RunView?> ReadAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
        => database.OnConnectionAsync(
            tenant, async (connection, stop) => await BillRun.FindAsync(connection, tenant, id, stop) is { } run
                ? await views.ReadAsync(connection, tenant, run, job: null, stop)
                : null,
            cancellationToken);

    static string[] Cells(Tenant tenant, RunView run)
    {
        var accounts = run.Accounts;
        var finished = accounts.Done + accounts.Nothing + accounts.Parked;
        var all = finished + accounts.Todo + accounts.TaxPending;
        return
        [
            tenant.Code,
            run.Period,
            run.State,
            string.Create(CultureInfo.InvariantCulture, $"{finished} of {all}"),
            accounts.Parked.ToString(CultureInfo.InvariantCulture),
            run.Totals.Sum(total => total.Invoices).ToString(CultureInfo.InvariantCulture),
            string.Join(", ", run.Totals.Select(total => total.Total.ToString())),
        ];
    }
}
