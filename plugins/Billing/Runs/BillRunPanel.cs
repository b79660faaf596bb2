using System.Globalization;
using IspHost.Sdk.Data;
using IspHost.Sdk.Panels;
using IspHost.Sdk.Tenants;
using NodaTime;

namespace IspHost.Plugins.Billing;

/// <summary>The last bill runs of all tenants, on the host's status page.</summary>
sealed class BillRunPanel(TenantDatabase<BillingDb> database, ITenants tenants, RunViews views) : IPanel
{
    const int RunsPerTenant = 3;
    const int MostRows = 50;

    public async ValueTask<Panel> ReadAsync(CancellationToken cancellationToken)
    {
        var rows = new List<(Instant At, string[] Cells)>();
        foreach (var tenant in tenants.All)
            rows.AddRange(await RowsAsync(tenant, cancellationToken));
        return new()
        {
            Title = "Bill runs",
            // Arrays, since a collection expression would make list types of this plugin, and the host may keep the panel.
            Columns = new[] { "Tenant", "Period", "State", "Accounts done", "Parked", "Invoices", "Total" },
            Rows = rows.OrderByDescending(row => row.At).Take(MostRows).Select(row => row.Cells).ToArray(),
        };
    }

    Task<List<(Instant At, string[] Cells)>> RowsAsync(Tenant tenant, CancellationToken cancellationToken)
        => database.OnConnectionAsync(tenant.Id, async (connection, stop) =>
        {
            var rows = new List<(Instant, string[])>();
            foreach (var run in await BillRun.LatestAsync(connection, tenant.Id, RunsPerTenant, stop))
            {
                var view = await views.ReadAsync(connection, tenant.Id, run, job: null, stop);
                rows.Add((run.StartedAt, Cells(tenant, view)));
            }
            return rows;
        }, cancellationToken);

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
