using NodaTime;

namespace IspHost.Sdk.Taxes;

/// <summary>Computes the taxes due on a document.</summary>
/// <remarks>
/// Called once for each draft invoice, before it gets its number; the answer is stored. The same document must give the same
/// quote. An exception leaves the invoice <c>tax_pending</c>, and the host asks again: it never issues one without tax instead.
/// </remarks>
[ExtensionPoint("tax", version: 1)]
public interface ITaxEngine
{
    /// <summary>Computes the taxes on every line of the document.</summary>
    /// <returns>At least one tax for each line: a line that bears none has one with an exemption.</returns>
    ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken);
}

/// <summary>What is to be taxed.</summary>
public sealed record TaxDocument
{
    /// <summary>Who sells.</summary>
    public required TaxParty Seller { get; init; }

    /// <summary>Who buys.</summary>
    public required TaxParty Buyer { get; init; }

    /// <summary>What all amounts are in.</summary>
    public required Currency Currency { get; init; }

    /// <summary>The day that decides which rates apply, in the seller's zone.</summary>
    public required LocalDate TaxPoint { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<TaxableLine> Lines { get; init; }
}

/// <summary>One side of a sale.</summary>
public sealed record TaxParty
{
    /// <summary>ISO 3166 alpha-2.</summary>
    public required string Country { get; init; }

    /// <summary>Its VAT number, if it has one.</summary>
    public string? TaxNumber { get; init; }
}

/// <summary>A line to be taxed.</summary>
public sealed record TaxableLine
{
    /// <summary>Unique within the document.</summary>
    public required string Id { get; init; }

    /// <summary>Net of tax and rounded to the currency; negative for a credit.</summary>
    public required Money Net { get; init; }

    /// <summary>The tax class that the contract names.</summary>
    public required string TaxClass { get; init; }
}

/// <summary>The taxes of a document.</summary>
public sealed record TaxQuote
{
    /// <summary>The taxes, by line.</summary>
    public required IReadOnlyList<Tax> Taxes { get; init; }
}

/// <summary>One tax on one line.</summary>
public sealed record Tax
{
    /// <summary>The line's <see cref="TaxableLine.Id"/>.</summary>
    public required string LineId { get; init; }

    /// <summary>Who levies it: a country or a part of one, such as <c>GR</c>.</summary>
    public required string Jurisdiction { get; init; }

    /// <summary>What stands on the invoice, such as <c>VAT 24 %</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The tax category, such as <c>S</c>, <c>AE</c> or <c>Z</c> (UNCL 5305, as EN 16931 uses it).</summary>
    public required string Category { get; init; }

    /// <summary>Per cent: 24 means 24 %.</summary>
    public required decimal RatePercent { get; init; }

    /// <summary>What the rate was applied to.</summary>
    public required Money Base { get; init; }

    /// <summary>The tax, rounded to the currency.</summary>
    public required Money Amount { get; init; }

    /// <summary>Why there is none, to stand on the invoice; null if there is tax.</summary>
    public string? Exemption { get; init; }
}
