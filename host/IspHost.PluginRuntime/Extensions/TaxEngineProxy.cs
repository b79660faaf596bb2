using IspHost.Sdk.Taxes;

namespace IspHost.PluginRuntime;

sealed class TaxEngineProxy(Slot<ITaxEngine> slot) : ITaxEngine
{
    public async ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
        => await slot.CallAsync(Quote, document, cancellationToken);

    /// <summary>Copies the list: it may be of a type that the compiler made for the plugin.</summary>
    static async ValueTask<TaxQuote> Quote(ITaxEngine engine, TaxDocument document, CancellationToken stop)
    {
        var quote = await engine.QuoteAsync(document, stop);
        return new TaxQuote { Taxes = [.. quote.Taxes] };
    }
}
