using IspHost.Sdk.Taxes;
using IspHost.Sdk.Testing;

namespace IspHost.Plugins.Tax.Vat.Tests;

public sealed class VatConformanceTests
{
    static readonly TaxDocument Abroad = new()
    {
        Tenant = Sdk.TenantId.New(),
        Seller = new TaxParty { Country = "GR" },
        Buyer = new TaxParty { Country = "DE", TaxNumber = "DE123456789" },
        Currency = Sdk.Currency.Of("EUR"),
        TaxPoint = new NodaTime.LocalDate(2026, 10, 31),
        Lines = [new TaxableLine { Id = "1", Net = Sdk.Money.FromMinor(1999, Sdk.Currency.Of("EUR")), TaxClass = "standard" }],
    };

    static readonly ConformanceSuite Suite = TaxEngineConformance.For(
        () => new VatEngine(VatTable.Read()),
        new TaxCases { More = [Abroad, Abroad with { Buyer = new TaxParty { Country = "US" } }] });

    public static TheoryData<string> Requirements => [.. Suite.Requirements];

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string requirement) => Suite.CheckAsync(requirement, TestContext.Current.CancellationToken);

    [Fact]
    public async Task The_plugin_offers_the_engine_as_vat()
    {
        var plugin = FakePluginBuilder.Of(new VatPlugin());
        await using var container = plugin.Build();
        var quote = await plugin.Extension<ITaxEngine>(container, "vat").QuoteAsync(Abroad, TestContext.Current.CancellationToken);
        var tax = Assert.Single(Assert.IsType<TaxQuote.Quoted>(quote).Taxes);
        Assert.Equal("Reverse charge: the recipient owes the VAT (Article 196 of Directive 2006/112/EC).", tax.Exemption);
    }

    [Fact]
    public void Each_member_state_has_a_standard_rate_today()
    {
        var table = VatTable.Read();
        var members = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".Split(' ');
        Assert.All(members, member => Assert.True(table.IsMember(member)));
        Assert.All(members, member
            => Assert.InRange(table.Rate(member, TaxClass.Standard, new NodaTime.LocalDate(2026, 10, 31))!.Value, 17m, 27m));
    }
}
