using IspHost.Sdk.Taxes;

namespace HelloTax;

// begin engine
/// <summary>The same rate on every line, whoever buys and wherever.</summary>
public sealed class FlatTax(decimal percent) : ITaxEngine
{
    /// <inheritdoc/>
    public ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(new TaxQuote.Quoted([.. document.Lines.Select(line => TaxOn(line, document.Seller.Country))]));
    }

    Tax TaxOn(TaxableLine line, string country) => new()
    {
        LineId = line.Id,
        Jurisdiction = country,
        Name = FormattableString.Invariant($"Tax {percent} %"),
        Category = percent == 0m ? "Z" : "S",
        RatePercent = percent,
        Base = line.Net,
        Amount = (line.Net * (percent / 100m)).Round(MidpointRounding.AwayFromZero),
        Exemption = percent == 0m ? "Zero-rated." : null,
    };
}
// end engine
