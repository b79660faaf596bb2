using NodaTime;

namespace IspHost.Sdk.Taxes;

/// <summary>Computes the taxes due on a document.</summary>
/// <remarks>
/// Called once for each draft invoice, before it gets its number; the answer is stored. The same document must give the same
/// quote. No invoice is issued without its taxes: after a refusal it is put aside for a person, after an exception it stays
/// <c>tax_pending</c> and the host asks again. An exception says that there is no answer, and counts against the engine.
/// </remarks>
[ExtensionPoint("tax", version: 1)]
public interface ITaxEngine
{
    /// <summary>Computes the taxes on every line of the document.</summary>
    /// <returns>At least one tax for each line, or what is wrong with the document.</returns>
    ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken);

    /// <summary>Whether something would keep it from taxing what is about to be offered.</summary>
    /// <remarks>
    /// Asked when a plan or a tenant is made or changed, so that whoever types a mistake hears of it, and not whoever bills months
    /// later. An engine that cannot tell without a document has no objection.
    /// </remarks>
    /// <returns>What the quotes would be refused for; null if nothing is known to be wrong.</returns>
    ValueTask<TaxQuote.Refused?> FindObjectionAsync(TaxTerms terms, CancellationToken cancellationToken) => new((TaxQuote.Refused?)null);
}

/// <summary>What a tenant is about to offer.</summary>
public sealed record TaxTerms
{
    /// <summary>Whose terms.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Who will sell.</summary>
    public required TaxParty Seller { get; init; }

    /// <summary>The tax class of what is offered; null if only the seller is asked about.</summary>
    public string? TaxClass { get; init; }

    /// <summary>The first day on which it may be sold, in the seller's zone.</summary>
    public required LocalDate Day { get; init; }
}

/// <summary>What is to be taxed.</summary>
public sealed record TaxDocument
{
    /// <summary>Whose document.</summary>
    public required TenantId Tenant { get; init; }

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

/// <summary>What an engine makes of a document.</summary>
public abstract record TaxQuote
{
    TaxQuote() { }

    /// <summary>The taxes are known.</summary>
    /// <param name="Taxes">At least one for each line: a line that bears none has one with an exemption.</param>
    public sealed record Quoted(IReadOnlyList<Tax> Taxes) : TaxQuote;

    /// <summary>The document cannot be taxed until somebody has changed something: asking again gives the same answer.</summary>
    /// <param name="Field">What is at fault: <c>tax_class</c>, <c>seller.country</c>, <c>buyer.tax_number</c>.</param>
    /// <param name="Reason">For staff, with the value at fault; at most 500 characters.</param>
    /// <param name="LineId">The line at fault; null if it is the document as a whole.</param>
    public sealed record Refused(string Field, string Reason, string? LineId = null) : TaxQuote;
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
