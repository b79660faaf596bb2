using System.Collections.Immutable;

namespace IspHost.Sdk.Rating;

/// <summary>The usage of one service in one interval, with what its price may depend on.</summary>
/// <remarks>
/// These are also the globals of a price script, which is why dates are of the base library. Nothing here can be changed, and
/// nothing leads back into the host.
/// </remarks>
public sealed record RatingItem
{
    /// <summary>Billions of bytes used in the interval.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>The agreed price of one unit of <see cref="Quantity"/>.</summary>
    public required decimal Rate { get; init; }

    /// <summary>ISO 4217: what charges are in.</summary>
    public required string Currency { get; init; }

    /// <summary>Who used it.</summary>
    public required RatedAccount Account { get; init; }

    /// <summary>The interval.</summary>
    public required RatedPeriod Period { get; init; }

    /// <summary>The plan's code.</summary>
    public string Plan { get; init; } = "";

    /// <summary>What was used when, by start.</summary>
    public ImmutableArray<UsageEntry> Usage { get; init; } = [];
}

/// <summary>What a price may depend on about a customer.</summary>
public sealed record RatedAccount
{
    /// <summary>The customer's portal id.</summary>
    public required string Id { get; init; }

    /// <summary>Such as <c>residential</c> or <c>business</c>.</summary>
    public required string Segment { get; init; }

    /// <summary>The day of registration.</summary>
    public required DateOnly ActiveSince { get; init; }

    /// <summary>How many services the customer has.</summary>
    public required int Lines { get; init; }

    /// <summary>The codes of their plans, in alphabetical order.</summary>
    public ImmutableArray<string> Products { get; init; } = [];

    /// <summary>The customer's labels, in alphabetical order.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];
}

/// <summary>Days from the start up to, but not including, the end, in the tenant's zone.</summary>
/// <param name="Start">The first day.</param>
/// <param name="End">The day after the last one.</param>
public readonly record struct RatedPeriod(DateOnly Start, DateOnly End);

/// <summary>Usage of one kind within one clock hour.</summary>
/// <param name="LocalStart">When it began, with the offset of the tenant's zone at that instant.</param>
/// <param name="Kind"><c>data</c>, <c>voice</c> or <c>sms</c>.</param>
/// <param name="Destination">The number called; empty for data.</param>
/// <param name="Seconds">Length of a call; 0 for data.</param>
/// <param name="Gigabytes">Billions of bytes, both directions together.</param>
public readonly record struct UsageEntry(DateTimeOffset LocalStart, string Kind, string Destination, long Seconds, decimal Gigabytes);

/// <summary>What something costs: net of tax, not yet rounded to the currency.</summary>
/// <param name="Amount">Not negative, at most 10^12, with at most 12 decimals.</param>
/// <param name="Lines">How the amount came about, a sentence a line, for the customer to read; at most 20 of 200 characters.</param>
public readonly record struct Charge(decimal Amount, ImmutableArray<string> Lines)
{
    /// <summary>A charge without explanation: a price script may end in <c>return 20.50m;</c>.</summary>
    public static implicit operator Charge(decimal amount) => new(amount, []);
}
