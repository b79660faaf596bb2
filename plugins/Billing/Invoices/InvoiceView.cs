using System.Text.Json.Serialization;
using IspHost.Sdk;
using IspHost.Sdk.Web;
using NodaTime;

namespace IspHost.Plugins.Billing;

/// <summary>An invoice in a list.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Number">As it stands on the document.</param>
/// <param name="Customer">Who pays.</param>
/// <param name="Period">The month that was billed.</param>
/// <param name="IssuedOn">Its date.</param>
/// <param name="DueOn">The last day on which it is paid in time.</param>
/// <param name="Net">Without tax.</param>
/// <param name="Tax">The tax.</param>
/// <param name="Total">What is to be paid.</param>
sealed record InvoiceSummary(
    Guid Id, string Number, CustomerId Customer, DateRange Period, LocalDate IssuedOn, LocalDate DueOn, Money Net, Money Tax,
    Money Total);

/// <summary>An invoice with everything on it.</summary>
sealed record InvoiceView
{
    public required Guid Id { get; init; }

    public required string Number { get; init; }

    public required CustomerId Customer { get; init; }

    public required DateRange Period { get; init; }

    public required LocalDate TaxPoint { get; init; }

    public required LocalDate IssuedOn { get; init; }

    public required LocalDate DueOn { get; init; }

    public required Seller Seller { get; init; }

    public required Buyer Buyer { get; init; }

    public required IReadOnlyList<LineView> Lines { get; init; }

    public required Money Net { get; init; }

    public required Money Tax { get; init; }

    public required Money Total { get; init; }

    /// <summary>SHA-256 of the content, in lower-case hexadecimal.</summary>
    public required string ContentHash { get; init; }

    public static InvoiceView Of(IssuedInvoice issued)
    {
        var invoice = issued.Invoice;
        return new()
        {
            Id = invoice.Id,
            Number = issued.Number.ToString(),
            Customer = invoice.Customer,
            Period = invoice.Period,
            TaxPoint = invoice.TaxPoint,
            IssuedOn = invoice.IssuedOn,
            DueOn = invoice.DueOn,
            Seller = invoice.Seller,
            Buyer = invoice.Buyer,
            Lines = [.. invoice.Lines.Select(line => LineView.Of(line, invoice.Currency))],
            Net = Money.FromMinor(invoice.NetMinor, invoice.Currency),
            Tax = Money.FromMinor(invoice.TaxMinor, invoice.Currency),
            Total = invoice.Total,
            ContentHash = Convert.ToHexStringLower(issued.ContentHash),
        };
    }
}

sealed record LineView
{
    // begin changed
    public static readonly ApiChange NumberRenamed = new FieldRenamed(
        ApiVersions.Next, typeof(LineView), "line_no", "number",
        "The number of a line of an invoice is `number`; it was `line_no` before.");

    /// <summary>Where it stands on the invoice, from 1.</summary>
    public required int Number { get; init; }
    // end changed

    public required string Component { get; init; }

    /// <summary>0 for a charge, above for what corrects it.</summary>
    public required int Sequence { get; init; }

    public required SubscriptionId Subscription { get; init; }

    public required ContractVersionId ContractVersion { get; init; }

    public required string Description { get; init; }

    public required DateRange Period { get; init; }

    [JsonConverter(typeof(DecimalString))]
    public required decimal Quantity { get; init; }

    public required string Unit { get; init; }

    /// <summary>Null if quantity times a price is not how the amount came about: then the explanation says how.</summary>
    public Money? UnitPrice { get; init; }

    public required Fraction Part { get; init; }

    public required Money Net { get; init; }

    public required string Rule { get; init; }

    public string? RuleHash { get; init; }

    public string? InputsDigest { get; init; }

    public required IReadOnlyList<string> Explanation { get; init; }

    public required long UsageBytes { get; init; }

    public required IReadOnlyList<TaxView> Taxes { get; init; }

    public static LineView Of(InvoiceLine line, Currency currency) => new()
    {
        Number = line.LineNo,
        Component = line.Component.Text(),
        Sequence = line.Sequence,
        Subscription = line.Subscription,
        ContractVersion = line.Version,
        Description = line.Description,
        Period = line.Period,
        Quantity = line.Quantity,
        Unit = line.Unit,
        UnitPrice = line.PriceIn(currency) is { } price ? price : null,
        Part = line.Part,
        Net = Money.FromMinor(line.NetMinor, currency),
        Rule = line.Rule,
        RuleHash = line.RuleHash,
        InputsDigest = line.InputsDigest is { } digest ? Convert.ToHexStringLower(digest) : null,
        Explanation = line.Explanation.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        UsageBytes = line.Bytes,
        Taxes = [.. line.Taxes.Select(tax => TaxView.Of(tax, currency))],
    };
}

sealed record TaxView(
    string Jurisdiction, string Name, string Category, [property: JsonConverter(typeof(DecimalString))] decimal RatePercent, Money Base,
    Money Amount, string? Exemption)
{
    public static TaxView Of(InvoiceTax tax, Currency currency) => new(
        tax.Jurisdiction, tax.Name, tax.Category, tax.RatePercent, Money.FromMinor(tax.BaseMinor, currency),
        Money.FromMinor(tax.AmountMinor, currency), tax.Exemption);
}
