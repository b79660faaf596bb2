using IspHost.Sdk;
using IspHost.Sdk.Taxes;
using IspHost.Sdk.Testing;
using NodaTime;

namespace IspHost.Plugins.Tax.Vat.Tests;

/// <summary>Tenants beside each other, at the engine in the host's own runtime.</summary>
[Collection(typeof(Alone))]
public sealed class NeighbourTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("US", "standard", "seller.country")]
    [InlineData("GR", "telecom", "tax_class")]
    public async Task A_tenant_whose_documents_cannot_be_taxed_holds_up_none_of_nine_others(string country, string taxClass, string field)
    {
        await using var host = await PluginTestHost.StartAsync(PluginTestHost.FolderNamedBy<NeighbourTests>(), cancellationToken: Stop);
        var engine = host.Extensions.Get<ITaxEngine>("vat");
        var (impossible, others) = (TenantId.New(), Enumerable.Range(0, 9).Select(_ => TenantId.New()).ToArray());
        for (var i = 0; i < 20; i++)
        {
            var refused = Assert.IsType<TaxQuote.Refused>(await engine.QuoteAsync(Sale(impossible, country, taxClass), Stop));
            Assert.Equal(field, refused.Field);
            foreach (var tenant in others)
                Assert.IsType<TaxQuote.Quoted>(await engine.QuoteAsync(Sale(tenant, "GR", "standard"), Stop));
        }
    }

    [Theory]
    [InlineData("GR", "standard", null)]
    [InlineData("GR", null, null)]
    [InlineData("GR", "exempt", null)]
    [InlineData("HU", "reduced", null)]
    [InlineData("GR", "reduced", "tax_class")]
    [InlineData("GR", "telecom", "tax_class")]
    [InlineData("US", null, "seller.country")]
    public async Task Terms_that_could_never_be_taxed_meet_an_objection(string country, string? taxClass, string? field)
    {
        var terms = new TaxTerms
        {
            Tenant = TenantId.New(),
            Seller = new TaxParty { Country = country },
            TaxClass = taxClass,
            Day = new LocalDate(2026, 11, 1),
        };

        var objection = await new VatEngine(VatTable.Read()).FindObjectionAsync(terms, Stop);

        Assert.Equal(field, objection?.Field);
    }

    static TaxDocument Sale(TenantId tenant, string country, string taxClass) => new()
    {
        Tenant = tenant,
        Seller = new TaxParty { Country = country },
        Buyer = new TaxParty { Country = country },
        Currency = Currency.Of("EUR"),
        TaxPoint = new LocalDate(2026, 11, 1),
        Lines = [new TaxableLine { Id = "1", Net = new Money(100m, Currency.Of("EUR")), TaxClass = taxClass }],
    };
}
