using IspHost.Sdk;
using IspHost.Sdk.Taxes;
using IspHost.Sdk.Testing;
using NodaTime;

namespace HelloTax.Tests;

public sealed class SettingTests
{
    // begin test-your-plugin
    [Fact]
    public async Task The_setting_is_the_rate()
    {
        var plugin = FakePluginBuilder.Of(new HelloTaxPlugin(), ("Percent", "17.5"));
        await using var container = plugin.Build();
        var engine = plugin.Extension<ITaxEngine>(container, "hello-tax");

        var quote = await engine.QuoteAsync(OneLine(10_00), TestContext.Current.CancellationToken);

        var tax = Assert.Single(Assert.IsType<TaxQuote.Quoted>(quote).Taxes);
        Assert.Equal(Money.FromMinor(1_75, Currency.Of("EUR")), tax.Amount);
    }
    // end test-your-plugin

    static TaxDocument OneLine(long minor) => new()
    {
        Tenant = TenantId.New(),
        Seller = new TaxParty { Country = "GR" },
        Buyer = new TaxParty { Country = "GR" },
        Currency = Currency.Of("EUR"),
        TaxPoint = new LocalDate(2026, 10, 31),
        Lines = [new TaxableLine { Id = "1", Net = Money.FromMinor(minor, Currency.Of("EUR")), TaxClass = "standard" }],
    };
}
