using HelloTax;
using IspHost.Sdk.Taxes;

namespace IspHost.Sdk.Testing.Tests.Wrong;

/// <summary>An engine for each requirement that it does not meet.</summary>
static class WrongTaxEngines
{
    const string UnknownClass = "An unknown tax class is never free of tax and never thrown: it is taxed, or refused with its name.";

    public static IEnumerable<(string Requirement, Func<ITaxEngine> Create)> All =>
    [
        ("Every line has a tax.", () => Spoilt(quote => [.. quote.Skip(1)])),
        ("Every tax belongs to a line of the document.", () => Spoilt(quote => [.. quote, quote[0] with { LineId = "line-0" }])),
        ("Every tax is in the currency of the document.",
            () => EachTax(tax => tax with { Amount = tax.Amount with { Currency = Currency.Of("USD") } })),
        ("Every tax is rounded to the smallest unit of its currency.",
            () => EachTax(tax => tax with { Amount = tax.Base * (tax.RatePercent / 100m) })),
        ("Every tax is its rate of its base, give or take a smallest unit.", () => EachTax(tax => tax with { RatePercent = 19m })),
        ("Every tax has a jurisdiction, a name and a category.", () => EachTax(tax => tax with { Category = "" })),
        ("A rate of zero is explained by an exemption, and no other is.",
            () => EachTax(tax => tax with { Exemption = "None of your business." })),
        ("A rate of zero is explained by an exemption, and no other is.",
            () => EachTax(tax => tax with { RatePercent = 0m, Amount = tax.Amount * 0m })),
        ("A credit gives back the tax that the same charge bore.", () => EachTax(tax => tax with
        {
            Amount = (tax.Base * (tax.RatePercent / 100m)).Round(MidpointRounding.ToPositiveInfinity),
        })),
        (UnknownClass, () => new UnknownIsFree()),
        (UnknownClass, () => new UnknownIsAnyError()),
        (UnknownClass, () => new UnknownIsRefusedWithoutAName()),
        ("The same document gives the same quote.", () => new Counting()),
        ("Calls at the same time do not disturb each other.", () => new Shared()),
        ("A document of 1,000 lines is quoted whole.", () => Spoilt(quote => [.. quote.Take(100)])),
        ("A cancelled call ends as cancelled.", () => Spoilt(quote => quote)),
    ];

    static async Task<TaxQuote.Quoted> FlatAsync(TaxDocument document)
        => (TaxQuote.Quoted)await new FlatTax(24m).QuoteAsync(document, CancellationToken.None);

    static Spoiling EachTax(Func<Tax, Tax> spoil) => Spoilt(quote => [.. quote.Select(spoil)]);

    static Spoiling Spoilt(Func<IReadOnlyList<Tax>, IReadOnlyList<Tax>> spoil) => new(spoil);

    sealed class Spoiling(Func<IReadOnlyList<Tax>, IReadOnlyList<Tax>> spoil) : ITaxEngine
    {
        public async ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
            => new TaxQuote.Quoted(spoil((await FlatAsync(document)).Taxes));
    }

    sealed class UnknownIsFree : ITaxEngine
    {
        public ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
            => new FlatTax(document.Lines[0].TaxClass == "standard" ? 24m : 0m).QuoteAsync(document, cancellationToken);
    }

    sealed class UnknownIsAnyError : ITaxEngine
    {
        public ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
            => document.Lines[0].TaxClass == "standard"
                ? new FlatTax(24m).QuoteAsync(document, cancellationToken) : throw new KeyNotFoundException(document.Lines[0].TaxClass);
    }

    sealed class UnknownIsRefusedWithoutAName : ITaxEngine
    {
        public ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
            => document.Lines[0].TaxClass == "standard"
                ? new FlatTax(24m).QuoteAsync(document, cancellationToken) : new(new TaxQuote.Refused("tax_class", "No."));
    }

    sealed class Counting : ITaxEngine
    {
        int calls;

        public async ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
        {
            calls++;
            return new TaxQuote.Quoted([.. (await FlatAsync(document)).Taxes.Select(tax => tax with { Name = $"{tax.Name} ({calls})" })]);
        }
    }

    sealed class Shared : ITaxEngine
    {
        TaxDocument? current;

        public async ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
        {
            current = document;
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            return await new FlatTax(24m).QuoteAsync(current, cancellationToken);
        }
    }
}
