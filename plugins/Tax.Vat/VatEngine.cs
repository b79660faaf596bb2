using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Taxes;
using NodaTime;
using VatLine = IspHost.Sdk.Taxes.Tax;

namespace IspHost.Plugins.Tax.Vat;

/// <summary>Value added tax on telecommunication services: each line by itself, rounded half away from zero.</summary>
sealed class VatEngine(VatTable table) : ITaxEngine
{
    public ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Quote(document));
    }

    public ValueTask<TaxQuote.Refused?> FindObjectionAsync(TaxTerms terms, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(ToSeller(terms.Seller)
            ?? (terms.TaxClass is { } taxClass ? ToLine(taxClass, new PlaceOfSupply(terms.Seller.Country), terms.Day) : null));
    }

    TaxQuote Quote(TaxDocument document)
    {
        if ((ToSeller(document.Seller) ?? ToBuyer(document.Buyer, document.Seller)) is { } refused)
            return refused;

        var place = PlaceOfSupply.Of(document.Seller, document.Buyer, table);
        var taxes = new List<VatLine>(document.Lines.Count);
        foreach (var line in document.Lines)
        {
            if (ToLine(line.TaxClass, place, document.TaxPoint) is { } objection)
                return objection with { LineId = line.Id };
            taxes.Add(TaxOn(line, place, document.TaxPoint));
        }
        return new TaxQuote.Quoted(taxes);
    }

    TaxQuote.Refused? ToSeller(TaxParty seller)
        => table.HasRates(seller.Country)
            ? null
            : new("seller.country", $"There are no VAT rates for a seller in country '{seller.Country}'.");

    TaxQuote.Refused? ToBuyer(TaxParty buyer, TaxParty seller)
    {
        if (!table.IsCountry(buyer.Country))
            return new("buyer.country", $"The buyer's country '{buyer.Country}' is not a country of ISO 3166.");
        // A mistyped number is not silently the number of a consumer, nor of a business: somebody must look at it.
        return PlaceOfSupply.DependsOnTaxNumber(seller, buyer, table) && !table.HasForm(buyer.Country, buyer.TaxNumber!)
            ? new("buyer.tax_number", $"'{buyer.TaxNumber}' does not have the form of a VAT number of country '{buyer.Country}'.")
            : null;
    }

    /// <summary>An unknown class may have to bear tax, and no rate is made up.</summary>
    TaxQuote.Refused? ToLine(string taxClass, PlaceOfSupply place, LocalDate day)
    {
        if (TaxClass.Find(taxClass) is not { } known)
            return new("tax_class", $"There is no tax class '{taxClass}': VAT knows standard, reduced and exempt.");
        if (place.Untaxed is not null || known == TaxClass.Exempt || table.Rate(place.Country, known, day) is not null)
            return null;
        return table.Has(place.Country, known)
            ? new("tax_point", $"There is no VAT rate of class '{taxClass}' for country '{place.Country}' on {day:R}.")
            : new("tax_class", $"There is no VAT rate of class '{taxClass}' for country '{place.Country}'.");
    }

    VatLine TaxOn(TaxableLine line, PlaceOfSupply place, LocalDate day)
    {
        var known = TaxClass.Find(line.TaxClass)!;
        if (place.Untaxed is { } reason)
            return Untaxed(line, place.Country, reason);
        return known == TaxClass.Exempt
            ? Untaxed(line, place.Country, Exemption.Exempt)
            : Taxed(line, place.Country, table.Rate(place.Country, known, day)!.Value);
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
