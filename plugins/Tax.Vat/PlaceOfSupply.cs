using IspHost.Sdk.Taxes;

namespace IspHost.Plugins.Tax.Vat;

/// <summary>Which country's tax a telecommunication service bears.</summary>
/// <param name="Country">The country whose law decides.</param>
/// <param name="Untaxed">Why the seller charges none of its tax; null if the seller does.</param>
sealed record PlaceOfSupply(string Country, Exemption? Untaxed = null)
{
    /// <summary>
    /// Directive 2006/112/EC: a service to a business is supplied where the business is (Article 44) and the business pays the
    /// tax (Article 196); telecommunication services to a consumer are supplied where the consumer lives (Article 58).
    /// </summary>
    /// <remarks>
    /// Not covered: sellers below the threshold of Article 59c (they are assumed to be in the one stop shop), use and
    /// enjoyment rules (Article 59a), and territories of a member state where its tax does not apply, such as the Canary Islands.
    /// </remarks>
    public static PlaceOfSupply Of(TaxParty seller, TaxParty buyer, VatTable table)
    {
        if (buyer.Country == seller.Country)
            return new PlaceOfSupply(seller.Country);
        if (!table.IsMember(buyer.Country))
            return new PlaceOfSupply(buyer.Country, Exemption.OutOfScope);
        return new PlaceOfSupply(buyer.Country, string.IsNullOrWhiteSpace(buyer.TaxNumber) ? null : Exemption.ReverseCharge);
    }

    /// <summary>Whether the buyer's number decides who owes the tax.</summary>
    public static bool DependsOnTaxNumber(TaxParty seller, TaxParty buyer, VatTable table)
        => buyer.Country != seller.Country && table.IsMember(buyer.Country) && !string.IsNullOrWhiteSpace(buyer.TaxNumber);
}

/// <summary>Why a line bears no tax.</summary>
/// <param name="Category">The code of UNCL 5305.</param>
/// <param name="Text">What stands on the invoice.</param>
sealed record Exemption(string Category, string Text)
{
    /// <summary>Article 226 (11a) wants the first two words.</summary>
    public static Exemption ReverseCharge { get; } = new("AE",
        "Reverse charge: the recipient owes the VAT (Article 196 of Directive 2006/112/EC).");

    public static Exemption OutOfScope { get; } = new("O",
        "Outside the scope of VAT here: the place of supply is where the customer is (Articles 44 and 58 of Directive 2006/112/EC).");

    public static Exemption Exempt { get; } = new("E", "Exempt from VAT.");
}
