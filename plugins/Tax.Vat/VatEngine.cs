using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Taxes;
using VatLine = IspHost.Sdk.Taxes.Tax;

namespace IspHost.Plugins.Tax.Vat;

/// <summary>Value added tax on telecommunication services: each line by itself, rounded half away from zero.</summary>
sealed class VatEngine(VatTable table) : ITaxEngine
{
    public ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var place = PlaceOfSupply.Of(document.Seller, document.Buyer, table);
        return ValueTask.FromResult(new TaxQuote { Taxes = [.. document.Lines.Select(line => TaxOn(line, place, document))] });
    }

    VatLine TaxOn(TaxableLine line, PlaceOfSupply place, TaxDocument document)
    {
        var known = TaxClass.Of(line.TaxClass);
        if (place.Untaxed is { } reason)
            return Untaxed(line, place.Country, reason);
        return known == TaxClass.Exempt
            ? Untaxed(line, place.Country, Exemption.Exempt)
            : Taxed(line, place.Country, table.Rate(place.Country, known, document.TaxPoint));
    }

    static VatLine Taxed(TaxableLine line, string country, decimal percent) => new()
    {
        LineId = line.Id,
        Jurisdiction = country,
        Name = string.Create(CultureInfo.InvariantCulture, $"VAT {percent} %"),
        Category = "S",
        RatePercent = percent,
        Base = line.Net,
        Amount = (line.Net * (percent / 100m)).Round(MidpointRounding.AwayFromZero),
    };

    static VatLine Untaxed(TaxableLine line, string country, Exemption exemption) => new()
    {
        LineId = line.Id,
        Jurisdiction = country,
        Name = "VAT 0 %",
        Category = exemption.Category,
        RatePercent = 0m,
        Base = line.Net,
        Amount = Money.Zero(line.Net.Currency),
        Exemption = exemption.Text,
    };
}
