using IspHost.Sdk;
using IspHost.Sdk.Taxes;
using IspHost.Sdk.Testing;
using NodaTime;

namespace IspHost.Plugins.Tax.Vat.Tests;

/// <summary>The built plugin in the host's own runtime.</summary>
[Collection(typeof(Alone))]
public sealed class UnloadTests
{
    [Fact]
    public async Task A_plugin_that_has_computed_taxes_unloads()
    {
        var report = await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>(),
            async (host, stop) =>
            {
                var engine = host.Extensions.Get<ITaxEngine>("vat");
                var quote = Assert.IsType<TaxQuote.Quoted>(await engine.QuoteAsync(SaleTo("GR"), stop));
                var tax = Assert.Single(quote.Taxes);
                Assert.Equal(new Money(24m, Currency.Of("EUR")), tax.Amount);
                Assert.IsType<TaxQuote.Refused>(await engine.QuoteAsync(SaleTo("XX"), stop));
            },
            options => options.Cycles = 5,
            TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine($"{report}");
    }

    static TaxDocument SaleTo(string country) => new()
    {
        Tenant = TenantId.New(),
        Seller = new TaxParty { Country = country },
        Buyer = new TaxParty { Country = country },
        Currency = Currency.Of("EUR"),
        TaxPoint = new LocalDate(2026, 11, 1),
        Lines = [new TaxableLine { Id = "1", Net = new Money(100m, Currency.Of("EUR")), TaxClass = "standard" }],
    };
}

/// <summary>Tests that measure the memory of the process, while no other runs.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
