using IspHost.Sdk;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Tenants;
using NodaTime;

namespace IspHost.Plugins.Billing;

/// <summary>Puts the lines of a customer onto invoices, one for each currency.</summary>
sealed class Drafting(Tenant tenant, DateRange period, LocalDate today, int daysToPay)
{
    public IReadOnlyList<Invoice> Drafts(AccountBill bill)
        =>
        [
            .. bill.Lines
                .GroupBy(line => line.Net.Currency)
                .OrderBy(group => group.Key.Code, StringComparer.Ordinal)
                .Select(group => Draft(bill.Party!.Customer, group)),
        ];

    Invoice Draft(Customer customer, IGrouping<Currency, DraftLine> lines) => new()
    {
        Id = Guid.CreateVersion7(),
        Customer = customer.Id,
        Currency = lines.Key,
        Period = period,
        // The last day that is billed, not the day of the run: a run that is repeated later must give the same taxes.
        TaxPoint = period.End.PlusDays(-1),
        IssuedOn = today,
        DueOn = today.PlusDays(daysToPay),
        Seller = new(tenant.LegalName, tenant.Address, tenant.Country, tenant.TaxNumber),
        Buyer = new(customer.PortalId, customer.Name, customer.Address, customer.Country, customer.TaxNumber),
        Lines = [.. InOrder(lines).Select((line, index) => Line(line, checked((short)(index + 1))))],
    };

    static IEnumerable<DraftLine> InOrder(IEnumerable<DraftLine> lines)
        => lines.OrderBy(line => line.Due.Version.Subscription.Value)
            .ThenBy(line => line.Due.Served.Start)
            .ThenBy(line => line.Due.Component)
            .ThenBy(line => line.Sequence);

    static InvoiceLine Line(DraftLine line, short lineNo) => new()
    {
        LineNo = lineNo,
        Component = line.Due.Component,
        Subscription = line.Due.Version.Subscription,
        Version = line.Due.Version.Id,
        Description = line.Description,
        Period = line.Due.Served,
        Sequence = line.Sequence,
        Quantity = line.Quantity,
        Unit = line.Unit,
        UnitPrice = line.UnitPrice.Amount,
        Part = line.Part,
        NetMinor = line.Net.ToMinor(),
        TaxClass = line.Due.Version.Price.TaxClass,
        Rule = line.Rule,
        RuleHash = line.RuleHash,
        InputsDigest = line.InputsDigest,
        Explanation = string.Join('\n', line.Explanation),
        Bytes = line.Bytes,
    };
}
