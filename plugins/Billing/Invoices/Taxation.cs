using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Taxes;

namespace IspHost.Plugins.Billing;

/// <summary>Asks the tenant's tax engine about the invoices of a piece.</summary>
/// <remarks>Made anew for each piece. It stops asking once the engine is out of reach: each question could cost its deadline.</remarks>
sealed class Taxation(TenantId tenant, ITaxEngine engine)
{
    const int AtOnce = 8;

    volatile string? outage;

    /// <summary>Puts the taxes on the invoices, parks an account that cannot be taxed, or makes it wait.</summary>
    public Task TaxAsync(IEnumerable<AccountBill> bills, CancellationToken cancellationToken)
        => Parallel.ForEachAsync(
            bills, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (bill, stop) => await TaxAsync(bill, stop));

    async Task TaxAsync(AccountBill bill, CancellationToken cancellationToken)
    {
        try
        {
            var taxed = new List<Invoice>();
            foreach (var invoice in bill.Invoices)
            {
                if (outage is { } reason)
                    throw new InvalidOperationException(reason);
                switch (await engine.QuoteAsync(Document(invoice), cancellationToken))
                {
                    case TaxQuote.Quoted quote:
                        taxed.Add(WithTaxes(invoice, quote.Taxes));
                        break;
                    case TaxQuote.Refused refused:
                        bill.Park(ReasonOf(refused));
                        return;
                }
            }
            bill.Invoices = taxed;
        }
        // The contract of ITaxEngine: whatever it throws, the invoice waits for its taxes and is never issued without.
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            if (failure is TimeoutException or ExtensionUnavailableException)
                outage = failure.Message;
            bill.WaitForTax(failure.Message);
        }
    }

    static string ReasonOf(TaxQuote.Refused refused)
        => $"No tax can be computed ({refused.Field}{(refused.LineId is { } line ? $", line {line}" : "")}): {refused.Reason}";

    TaxDocument Document(Invoice invoice) => new()
    {
        Tenant = tenant,
        Seller = new() { Country = invoice.Seller.Country, TaxNumber = invoice.Seller.TaxNumber },
        Buyer = new() { Country = invoice.Buyer.Country, TaxNumber = invoice.Buyer.TaxNumber },
        Currency = invoice.Currency,
        TaxPoint = invoice.TaxPoint,
        Lines = invoice.Lines.Select(line => Taxable(line, invoice.Currency)).ToArray(),
    };

    static TaxableLine Taxable(InvoiceLine line, Currency currency)
        => new() { Id = IdOf(line), Net = Money.FromMinor(line.NetMinor, currency), TaxClass = line.TaxClass };

    static Invoice WithTaxes(Invoice invoice, IReadOnlyList<Tax> quoted)
    {
        var taxes = quoted.ToLookup(tax => tax.LineId);
        var known = invoice.Lines.Select(IdOf).ToHashSet();
        if (taxes.FirstOrDefault(group => !known.Contains(group.Key)) is { } stranger)
            throw new InvalidOperationException($"The tax engine taxed a line '{stranger.Key}' that the invoice does not have.");
        return invoice with
        {
            Lines = [.. invoice.Lines.Select(line => line with { Taxes = Rows(line, taxes[IdOf(line)], invoice.Currency) })],
        };
    }

    static List<InvoiceTax> Rows(InvoiceLine line, IEnumerable<Tax> taxes, Currency currency)
    {
        var rows = taxes.Select((tax, index) => new InvoiceTax(
            line.LineNo, checked((short)(index + 1)), tax.Jurisdiction, tax.Name, tax.Category, tax.RatePercent,
            Minor(tax.Base, currency), Minor(tax.Amount, currency), tax.Exemption)).ToList();
        return rows.Count > 0 ? rows : throw new InvalidOperationException($"The tax engine forgot line {line.LineNo}.");
    }

    static long Minor(Money money, Currency currency)
        => money.Currency == currency ? money.ToMinor() : throw new CurrencyMismatchException(currency, money.Currency);

    static string IdOf(InvoiceLine line) => line.LineNo.ToString(CultureInfo.InvariantCulture);
}
