using IspHost.Sdk;

namespace IspHost.Plugins.Billing;

/// <summary>A line that is ready for an invoice.</summary>
sealed record DraftLine
{
    public required Due Due { get; init; }

    /// <summary>0 for the charge itself, above for what corrects it.</summary>
    public required short Sequence { get; init; }

    public required string Description { get; init; }

    public required decimal Quantity { get; init; }

    public required string Unit { get; init; }

    /// <summary>The price of one <see cref="Unit"/>, net.</summary>
    public required Money UnitPrice { get; init; }

    public required Fraction Part { get; init; }

    /// <summary>Rounded to the currency.</summary>
    public required Money Net { get; init; }

    /// <summary>What priced it: the name of a rating rule, or <c>recurring</c>.</summary>
    public required string Rule { get; init; }

    public string? RuleHash { get; init; }

    /// <summary>SHA-256 of all that the rule was given; null without a rule.</summary>
    public byte[]? InputsDigest { get; init; }

    /// <summary>How the amount came about, for the customer to read.</summary>
    public IReadOnlyList<string> Explanation { get; init; } = [];

    /// <summary>The usage that this line bills, and no other line.</summary>
    public long Bytes { get; init; }
}

/// <summary>What cannot be billed yet, and why.</summary>
/// <param name="Due">What it is.</param>
/// <param name="Reason">One of the reasons that the database knows.</param>
/// <param name="Detail">For staff.</param>
sealed record HeldLine(Due Due, string Reason, string Detail)
{
    public const string MissingPrice = "missing_price";
    public const string RuleFailed = "rule_failed";
    public const string TaxPending = "tax_pending";
    public const string AlreadyBilled = "already_billed";
    public const string NegativeCorrection = "negative_correction";
    public const string NegativeTotal = "negative_total";
}
