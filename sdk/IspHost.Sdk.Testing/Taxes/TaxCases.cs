using IspHost.Sdk.Taxes;
using NodaTime;

namespace IspHost.Sdk.Testing;

/// <summary>Documents that an engine can tax, for its conformance suite.</summary>
public sealed record TaxCases
{
    /// <summary>Who sells.</summary>
    public TaxParty Seller { get; init; } = new() { Country = "GR" };

    /// <summary>A buyer whose purchases are taxed at the full rate.</summary>
    public TaxParty Buyer { get; init; } = new() { Country = "GR" };

    /// <summary>What the documents are in, one after the other: currencies with no decimals, two and three by default.</summary>
    public IReadOnlyList<Currency> Currencies { get; init; } = [Currency.Of("EUR"), Currency.Of("JPY"), Currency.Of("KWD")];

    /// <summary>The day of the documents.</summary>
    public LocalDate TaxPoint { get; init; } = new(2026, 10, 31);

    /// <summary>A class that is taxed at more than 0 %.</summary>
    public string TaxClass { get; init; } = "standard";

    /// <summary>A class that the engine has never heard of.</summary>
    public string UnknownTaxClass { get; init; } = "no-such-class";

    /// <summary>More documents for the same requirements: other countries, exemptions, several taxes on a line.</summary>
    public IReadOnlyList<TaxDocument> More { get; init; } = [];

    static readonly TenantId Tenant = TenantId.From(new Guid("0198c0de-0000-7000-8000-000000000001"));

    /// <summary>Amounts in smallest units that show how an engine rounds: tiny, odd, large, nothing, and credits.</summary>
    static readonly long[] Amounts = [1, 3, 10, 33, 99, 1000, 1999, 123_456_789, 0, -1, -33, -1999, -123_456_789];

    internal IReadOnlyList<TaxDocument> All => [.. Currencies.Select(currency => Document(currency, TaxClass, Amounts)), .. More];

    internal TaxDocument Document(string taxClass, params long[] minor) => Document(Currencies[0], taxClass, minor);

    TaxDocument Document(Currency currency, string taxClass, long[] minor) => new()
    {
        Tenant = Tenant,
        Seller = Seller,
        Buyer = Buyer,
        Currency = currency,
        TaxPoint = TaxPoint,
        Lines = [.. minor.Select((amount, i) => new TaxableLine
        {
            Id = $"line-{i + 1}",
            Net = Money.FromMinor(amount, currency),
            TaxClass = taxClass,
        })],
    };
}
