namespace IspHost.Sdk.Rating;

/// <summary>Prices usage.</summary>
/// <remarks>
/// Called by a bill run, with many items at once. A rule is a pure function: the same item gives the same charge on any day and
/// any machine, so that a bill can be computed again years later. No clock, no random, no culture, no floating point.
/// </remarks>
[ExtensionPoint("rating", version: 1, DeadlineSeconds = 60)]
public interface IRatingRule
{
    /// <summary>Prices every item of the batch.</summary>
    /// <returns>
    /// One outcome for each item, in their order. A failure holds that line back; it is shown, and tried again by the next run. What is
    /// <see cref="RatingOutcome.Later"/> the same run asks for again, a few minutes long, and bills nothing of the customer before.
    /// </returns>
    /// <exception cref="Exception">The whole batch is held back, and tried again by the next run.</exception>
    ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken);
}

/// <summary>Items priced by one rule.</summary>
public sealed record RatingBatch
{
    /// <summary>Whose customers.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>For a script, which revision: the SHA-256 of its source.</summary>
    public string? RuleHash { get; init; }

    /// <summary>1 to 1,000 items.</summary>
    public required IReadOnlyList<RatingItem> Items { get; init; }
}

/// <summary>What came of one item.</summary>
public abstract record RatingOutcome
{
    RatingOutcome() { }

    /// <summary>The item has a price.</summary>
    public sealed record Rated(Charge Charge) : RatingOutcome;

    /// <summary>The item has none.</summary>
    /// <param name="Code">A stable code, such as <c>SBX200</c> for a script that ran out of fuel.</param>
    /// <param name="Reason">For staff, at most 500 characters.</param>
    public sealed record Failed(string Code, string Reason) : RatingOutcome;

    /// <summary>Nothing is known against the item: there was no room for it, and there may be soon.</summary>
    /// <param name="Code">A stable code, such as <c>SBX206</c> for a tenant that is over its share.</param>
    /// <param name="Reason">For staff, at most 500 characters.</param>
    public sealed record Later(string Code, string Reason) : RatingOutcome;
}
