using IspHost.Sdk.Taxes;

namespace IspHost.Sdk.Testing;

/// <summary>What every <see cref="ITaxEngine"/> must do.</summary>
public static class TaxEngineConformance
{
    /// <summary>The suite for one engine.</summary>
    /// <param name="create">Makes a fresh engine.</param>
    /// <param name="cases">Documents that it can tax; a domestic sale in Greece if null.</param>
    public static ConformanceSuite For(Func<ITaxEngine> create, TaxCases? cases = null)
    {
        var checks = new TaxChecks(create, cases ?? new TaxCases());
        return new ConformanceSuite("tax",
            ("Every line has a tax.", checks.EveryLineHasATax),
            ("Every tax belongs to a line of the document.", checks.EveryTaxHasALine),
            ("Every tax is in the currency of the document.", checks.TaxesAreInTheCurrency),
            ("Every tax is rounded to the smallest unit of its currency.", checks.TaxesAreRounded),
            ("Every tax is its rate of its base, give or take a smallest unit.", checks.TaxesFollowTheirRate),
            ("Every tax has a jurisdiction, a name and a category.", checks.TaxesAreNamed),
            ("A rate of zero is explained by an exemption, and no other is.", checks.ZeroIsExplained),
            ("A credit gives back the tax that the same charge bore.", checks.CreditsGiveBack),
            ("An unknown tax class is never free of tax and never thrown: it is taxed, or refused with its name.",
                checks.UnknownClassIsNotFree),
            ("The same document gives the same quote.", checks.SameDocumentSameQuote),
            ("Calls at the same time do not disturb each other.", checks.CallsAtOnce),
            ("A document of 1,000 lines is quoted whole.", checks.LongDocument),
            ("A cancelled call ends as cancelled.", checks.Cancellation));
    }
}

sealed class TaxChecks(Func<ITaxEngine> create, TaxCases cases)
{
    public Task EveryLineHasATax(CancellationToken stop) => ForEachAsync((document, quote) =>
    {
        var forgotten = document.Lines.Select(line => line.Id).Except(quote.Taxes.Select(tax => tax.LineId)).ToList();
        Expect.That(forgotten.Count == 0, $"no tax for {string.Join(", ", forgotten)} of {Show(document)}");
    }, stop);

    public Task EveryTaxHasALine(CancellationToken stop) => ForEachTaxAsync((document, tax)
        => Expect.That(document.Lines.Any(line => line.Id == tax.LineId),
            $"a tax on '{tax.LineId}', which {Show(document)} does not have"), stop);

    public Task TaxesAreInTheCurrency(CancellationToken stop) => ForEachTaxAsync((document, tax)
        => Expect.That(tax.Amount.Currency == document.Currency && tax.Base.Currency == document.Currency,
            $"{tax.Amount} on {tax.Base} in a document in {document.Currency}"), stop);

    public Task TaxesAreRounded(CancellationToken stop) => ForEachTaxAsync((_, tax)
        => Expect.That(tax.Amount == tax.Amount.Round(MidpointRounding.AwayFromZero), $"{tax.Amount} on {tax.Base}"), stop);

    public Task TaxesFollowTheirRate(CancellationToken stop) => ForEachTaxAsync((_, tax) =>
    {
        var off = Math.Abs((tax.Base * (tax.RatePercent / 100m)).Amount - tax.Amount.Amount);
        Expect.That(off <= Money.FromMinor(1, tax.Amount.Currency).Amount, $"{tax.Amount} for {tax.RatePercent} % of {tax.Base}");
    }, stop);

    public Task TaxesAreNamed(CancellationToken stop) => ForEachTaxAsync((_, tax)
        => Expect.That(new[] { tax.Jurisdiction, tax.Name, tax.Category }.All(text => !string.IsNullOrWhiteSpace(text)),
            $"jurisdiction '{tax.Jurisdiction}', name '{tax.Name}', category '{tax.Category}'"), stop);

    public Task ZeroIsExplained(CancellationToken stop) => ForEachTaxAsync((_, tax)
        => Expect.That(tax.RatePercent == 0m != string.IsNullOrWhiteSpace(tax.Exemption),
            $"a rate of {tax.RatePercent} % with {(tax.Exemption is null ? "no exemption" : $"the exemption '{tax.Exemption}'")}"), stop);

    public async Task CreditsGiveBack(CancellationToken stop)
    {
        long[] charges = [1, 3, 7, 10, 33, 50, 99, 1999];
        var charged = await QuoteAsync(cases.Document(cases.TaxClass, charges), stop);
        var credited = await QuoteAsync(cases.Document(cases.TaxClass, [.. charges.Select(amount => -amount)]), stop);
        for (var i = 0; i < Math.Max(charged.Taxes.Count, credited.Taxes.Count); i++)
        {
            var (taken, given) = (charged.Taxes.ElementAtOrDefault(i), credited.Taxes.ElementAtOrDefault(i));
            Expect.That(taken is not null && given is not null && given.Amount == -taken.Amount,
                $"a charge bore {taken?.Amount}, its credit gave {given?.Amount} back");
        }
    }

    public async Task UnknownClassIsNotFree(CancellationToken stop)
    {
        switch (await create().QuoteAsync(cases.Document(cases.UnknownTaxClass, 10_000), stop))
        {
            case TaxQuote.Refused refused:
                // Whoever reads it must learn which class to add.
                Expect.That(
                    refused.Field.Length > 0 && refused.Reason.Contains(cases.UnknownTaxClass, StringComparison.Ordinal), $"{refused}");
                break;
            case TaxQuote.Quoted quote:
                Expect.That(quote.Taxes.Any(tax => tax.Amount.Amount > 0m), $"no tax on a line of class '{cases.UnknownTaxClass}'");
                break;
        }
    }

    public Task SameDocumentSameQuote(CancellationToken stop) => ForEachAsync(async (document, first) =>
    {
        var engine = create();
        for (var i = 0; i < 3; i++)
            ExpectSame(document, first, Quoted(await engine.QuoteAsync(document, stop)));
    }, stop);

    public async Task CallsAtOnce(CancellationToken stop)
    {
        var engine = create();
        var alone = new List<TaxQuote.Quoted>();
        foreach (var document in cases.All)
            alone.Add(await QuoteAsync(document, stop));
        var together = await Expect.AtOnceAsync(64, async i => Quoted(await engine.QuoteAsync(cases.All[i % cases.All.Count], stop)));
        for (var i = 0; i < together.Length; i++)
            ExpectSame(cases.All[i % cases.All.Count], alone[i % alone.Count], together[i]);
    }

    public async Task LongDocument(CancellationToken stop)
    {
        var document = cases.Document(cases.TaxClass, [.. Enumerable.Range(1, 1000).Select(i => (long)i)]);
        var quote = await QuoteAsync(document, stop);
        var taxed = quote.Taxes.Select(tax => tax.LineId).Distinct().Count();
        Expect.That(taxed == 1000, $"taxes on {taxed} of 1,000 lines");
    }

    public Task Cancellation(CancellationToken stop)
        => Expect.CancelsAsync(async cancelled => await QuoteAsync(cases.All[0], cancelled));

    async Task<TaxQuote.Quoted> QuoteAsync(TaxDocument document, CancellationToken stop)
        => Quoted(await create().QuoteAsync(document, stop));

    static TaxQuote.Quoted Quoted(TaxQuote answer)
        => answer as TaxQuote.Quoted ?? throw new UnmetException($"{answer}, for a document that can be taxed");

    Task ForEachAsync(Action<TaxDocument, TaxQuote.Quoted> check, CancellationToken stop)
        => ForEachAsync((document, quote) => { check(document, quote); return Task.CompletedTask; }, stop);

    Task ForEachTaxAsync(Action<TaxDocument, Tax> check, CancellationToken stop) => ForEachAsync((document, quote) =>
    {
        foreach (var tax in quote.Taxes)
            check(document, tax);
    }, stop);

    async Task ForEachAsync(Func<TaxDocument, TaxQuote.Quoted, Task> check, CancellationToken stop)
    {
        foreach (var document in cases.All)
            await check(document, await QuoteAsync(document, stop));
    }

    static void ExpectSame(TaxDocument document, TaxQuote.Quoted first, TaxQuote.Quoted second)
        => Expect.That(first.Taxes.SequenceEqual(second.Taxes), $"two different quotes for {Show(document)}");

    static string Show(TaxDocument document)
        => $"a sale from {document.Seller.Country} to {document.Buyer.Country} in {document.Currency}";
}
