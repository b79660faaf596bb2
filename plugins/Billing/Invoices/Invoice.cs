using System.Text.Json.Serialization;
using IspHost.Sdk;
using NodaTime;

namespace IspHost.Plugins.Billing;

/// <summary>An invoice, all but its number: the number is drawn last, when nothing can fail any more but the commit.</summary>
sealed record Invoice
{
    public required Guid Id { get; init; }

    public required CustomerId Customer { get; init; }

    public required Currency Currency { get; init; }

    /// <summary>The run's period. The lines say for themselves which days they are for.</summary>
    public required DateRange Period { get; init; }

    public required LocalDate TaxPoint { get; init; }

    public required LocalDate IssuedOn { get; init; }

    public required LocalDate DueOn { get; init; }

    public required Seller Seller { get; init; }

    public required Buyer Buyer { get; init; }

    public required IReadOnlyList<InvoiceLine> Lines { get; init; }

    public IEnumerable<InvoiceTax> Taxes => Lines.SelectMany(line => line.Taxes);

    public long NetMinor => Lines.Sum(line => line.NetMinor);

    public long TaxMinor => Taxes.Sum(tax => tax.AmountMinor);

    public Money Total => Money.FromMinor(NetMinor + TaxMinor, Currency);
}

/// <summary>The provider as it was on the day of issue.</summary>
/// <remarks>It is stored as JSON under these names for as long as invoices are kept.</remarks>
sealed record Seller(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("address")] IReadOnlyList<string> Address,
    [property: JsonPropertyName("country")] string Country,
    [property: JsonPropertyName("tax_number")] string? TaxNumber);

/// <summary>The customer as it was on the day of issue.</summary>
/// <remarks>It is stored as JSON under these names for as long as invoices are kept.</remarks>
sealed record Buyer(
    [property: JsonPropertyName("portal_id")] string PortalId,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("address")] IReadOnlyList<string> Address,
    [property: JsonPropertyName("country")] string Country,
    [property: JsonPropertyName("tax_number")] string? TaxNumber);

sealed record InvoiceLine
{
    public required short LineNo { get; init; }

    public required Component Component { get; init; }

    public required SubscriptionId Subscription { get; init; }

    public required ContractVersionId Version { get; init; }

    public required string Description { get; init; }

    public required DateRange Period { get; init; }

    public required short Sequence { get; init; }

    public required decimal Quantity { get; init; }

    public required string Unit { get; init; }

    /// <summary>What the contract names for one <see cref="Unit"/>; a rule of the tenant's may make something else of it.</summary>
    public required decimal UnitPrice { get; init; }

    public required Fraction Part { get; init; }

    public required long NetMinor { get; init; }

    public required string TaxClass { get; init; }

    public required string Rule { get; init; }

    public required string? RuleHash { get; init; }

    public required byte[]? InputsDigest { get; init; }

    /// <summary>Sentences, one a line.</summary>
    public required string Explanation { get; init; }

    public required long Bytes { get; init; }

    public IReadOnlyList<InvoiceTax> Taxes { get; init; } = [];

    /// <summary>The price of one unit, if that is how the amount came about; null if not, as with the tiers of a price script.</summary>
    public Money? PriceIn(Currency currency)
    {
        var price = new Money(UnitPrice, currency);
        return Rounding.ToLine(Part.Of(price * Quantity)).ToMinor() == NetMinor ? price : null;
    }
}

sealed record InvoiceTax(
    short LineNo, short TaxNo, string Jurisdiction, string Name, string Category, decimal RatePercent, long BaseMinor, long AmountMinor,
    string? Exemption);

/// <summary>The number of an invoice in its series.</summary>
readonly record struct InvoiceNumber(string Series, long Number)
{
    /// <summary>As printed.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Series}-{Number:D7}");
}
