using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Rating;
using IspHost.Sdk.Taxes;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Usage;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>Works out what some customers owe in a run.</summary>
/// <remarks>It reads and rates in bulk, and yet the trouble of one customer stays with that one.</remarks>
sealed class Invoicing(
    TenantDatabase<BillingDb> database, ICustomers customers, IContracts contracts, IUsage usage, IExtensions extensions, ITenants tenants,
    BillingSettings settings)
{
    /// <summary>With the host's pauses some three minutes. Then the invoice goes out without the usage, which is held.</summary>
    const int MostTries = 10;

    readonly UsageReader usages = new(usage);
    readonly Rater rater = new(extensions);

    public async Task<IReadOnlyList<AccountBill>> BillAsync(
        Tenant tenant, BillRun run, IReadOnlyList<RunItem> items, CancellationToken cancellationToken)
    {
        var ids = items.Select(item => item.Customer).ToList();
        var found = (await customers.GetAsync(tenant.Id, ids, cancellationToken)).ToDictionary(customer => customer.Id);
        var signed = await contracts.ReadAsync(tenant.Id, ids, run.Period.End.PlusDays(1), cancellationToken);
        var versions = signed.ToLookup(version => version.Customer);
        var (parked, before) = await database.OnConnectionAsync(tenant.Id, async (connection, stop) => (
            await ParkedAsync(connection, tenant.Id, ids, stop),
            await BilledBefore.ReadAsync(connection, tenant.Id, signed.Select(version => version.Subscription), run.Period, stop)),
            cancellationToken);

        var bills = items.Select(item => new AccountBill(
            item, found.GetValueOrDefault(item.Customer) is { } customer ? new(customer, [.. versions[item.Customer]]) : null)).ToList();
        foreach (var bill in bills.Where(bill => parked.ContainsKey(bill.Item.Customer)))
            bill.Park($"The account is parked: {parked[bill.Item.Customer]}");
        Each(bills, bill => Assessment.Assess(
            bill, bill.Party ?? throw new InvalidOperationException("The customer is gone."), run.Period, before));
        await RateAsync(tenant, bills, cancellationToken);
        await DraftAsync(tenant, run, bills, cancellationToken);
        return bills;
    }

    async Task RateAsync(Tenant tenant, List<AccountBill> bills, CancellationToken cancellationToken)
    {
        var dues = bills.SelectMany(bill => bill.Usage).Select(usage => usage.Due).ToList();
        var hours = await usages.ReadAsync(tenant.Id, dues, cancellationToken);
        var candidates = new Dictionary<UsageCandidate, AccountBill>(ReferenceEqualityComparer.Instance);
        Each(bills, bill =>
        {
            foreach (var (due, earlier) in bill.Usage)
            {
                var candidate = UsageCandidate.Of(due, bill.Party!, CurrencyOf(due, tenant), hours(due), earlier);
                if (earlier?.Bytes != candidate.Bytes)
                    candidates.Add(candidate, bill);
            }
        });
        var priced = await rater.RateAsync(tenant.Id, candidates.Keys, cancellationToken);
        foreach (var group in priced.GroupBy(usage => candidates[usage.Candidate]))
            Each([group.Key], bill => Take(bill, group, tenant));
    }

    static void Take(AccountBill bill, IEnumerable<PricedUsage> priced, Tenant tenant)
    {
        var later = priced.Select(usage => usage.Outcome).OfType<RatingOutcome.Later>().FirstOrDefault();
        if (later is not null && bill.Item.Tries < MostTries)
        {
            bill.WaitForPrice($"{later.Code}: {later.Reason}");
            return;
        }
        foreach (var usage in priced)
        {
            var (line, held) = usage.Decide(CurrencyOf(usage.Candidate.Due, tenant));
            if (line is not null)
                bill.Lines.Add(line);
            if (held is not null)
                bill.Held.Add(held);
        }
    }

    async Task DraftAsync(Tenant tenant, BillRun run, List<AccountBill> bills, CancellationToken cancellationToken)
    {
        var today = tenants.Now(tenant.Id).InZone(tenant.Zone).Date;
        var drafting = new Drafting(tenant, run.Period, today, settings.DaysToPay);
        Each(bills, bill => bill.Invoices = drafting.Drafts(bill));
        var toTax = bills.Where(bill => bill is { IsOpen: true, Invoices.Count: > 0 }).ToList();
        await new Taxation(tenant.Id, extensions.Get<ITaxEngine>(tenant.TaxEngine)).TaxAsync(toTax, cancellationToken);
        Each(bills, HoldCredits);
    }

    /// <summary>An invoice asks for money. What would be a credit waits until the customer owes more.</summary>
    static void HoldCredits(AccountBill bill)
    {
        foreach (var invoice in bill.Invoices.Where(invoice => invoice.NetMinor < 0 || invoice.TaxMinor < 0))
        {
            bill.Held.AddRange(bill.Lines.Where(line => line.Net.Currency == invoice.Currency)
                .Select(line => new HeldLine(line.Due, HeldLine.NegativeTotal, $"The invoice would be {invoice.Total}.")));
        }
        bill.Invoices = [.. bill.Invoices.Where(invoice => invoice is { NetMinor: >= 0, TaxMinor: >= 0 })];
    }

    static Currency CurrencyOf(Due due, Tenant tenant) => due.Version.Price.Recurring?.Currency ?? tenant.Currency;

    /// <summary>Runs a step for each account that is open, and parks the one that fails: the others go on.</summary>
    static void Each(IEnumerable<AccountBill> bills, Action<AccountBill> step)
    {
        foreach (var bill in bills.Where(bill => bill.IsOpen))
        {
            try
            {
                step(bill);
            }
            // Each account is its own unit of work: whatever is wrong with one must not keep the others from being billed.
            catch (Exception failure)
            {
                bill.Park(failure.Message);
            }
        }
    }

    static async Task<Dictionary<CustomerId, string>> ParkedAsync(
        NpgsqlConnection connection, TenantId tenant, IEnumerable<CustomerId> customers, CancellationToken cancellationToken)
    {
        var rows = await connection.ReadAsync("""
            select customer_id, min(parked_reason) from billing.account
            where tenant_id = $1 and customer_id = any ($2) and parked_reason is not null group by customer_id
            """,
            [Arg(tenant.Value), Arg(customers.Select(customer => customer.Value).ToArray())],
            row => (Customer: new CustomerId(row.GetGuid(0)), Reason: row.GetString(1)), cancellationToken);
        return rows.ToDictionary(row => row.Customer, row => row.Reason);
    }
}
