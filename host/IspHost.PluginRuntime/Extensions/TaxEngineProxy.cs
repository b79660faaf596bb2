using IspHost.Sdk.Taxes;

namespace IspHost.PluginRuntime;

sealed class TaxEngineProxy(Slot<ITaxEngine> slot) : ITaxEngine
{
    public async ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
        => await slot.CallAsync(document.Tenant, Quote, document, cancellationToken);

    public async ValueTask<TaxQuote.Refused?> FindObjectionAsync(TaxTerms terms, CancellationToken cancellationToken)
        => await slot.CallAsync(
            terms.Tenant, static (engine, terms, stop) => engine.FindObjectionAsync(terms, stop), terms, cancellationToken);

    /// <summary>Copies the list: it may be of a type that the compiler made for the plugin.</summary>
    static async ValueTask<TaxQuote> Quote(ITaxEngine engine, TaxDocument document, CancellationToken stop)
        => await engine.QuoteAsync(document, stop) is var quote && quote is TaxQuote.Quoted(var taxes)
            ? new TaxQuote.Quoted([.. taxes])
            : quote;
}
