using NodaTime;

namespace IspHost.Sdk.Flags;

/// <summary>A condition of feature flags that only a plugin can judge.</summary>
/// <remarks>
/// Called whenever a flag that names it is asked and its other conditions are met, which may be for every request: it should answer from
/// memory. Without an answer the condition is not met, so the flag is off.
/// </remarks>
[ExtensionPoint("flag-filter", version: 1, DeadlineSeconds = 1)]
public interface IFlagFilter
{
    /// <summary>Judges the condition.</summary>
    /// <returns>Whether it is met. An argument that cannot be read is an answer, too: not met, and the reason why.</returns>
    /// <exception cref="Exception">There is no answer. After some of these the filter rests for a while, for that tenant.</exception>
    ValueTask<FlagFilterAnswer> JudgeAsync(FlagFilterRequest request, CancellationToken cancellationToken);
}

/// <summary>What a filter is asked.</summary>
public sealed record FlagFilterRequest
{
    /// <summary>Whose business it is.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The customer, if it is about one.</summary>
    public CustomerId? Customer { get; init; }

    /// <summary>The groups that are known of it, such as <c>tenant:acme</c> and <c>plan:home</c>.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>The flag.</summary>
    public required string Flag { get; init; }

    /// <summary>What the operator wrote for the filter in this flag: one line, at most 500 characters, often empty.</summary>
    public required string Argument { get; init; }

    /// <summary>What time it is for the tenant.</summary>
    public required Instant Now { get; init; }
}

/// <summary>What a filter answers.</summary>
public sealed record FlagFilterAnswer
{
    /// <summary>Whether the condition is met.</summary>
    public required bool IsMet { get; init; }

    /// <summary>Why, for the operator who asks the flag to explain itself: one line, at most 200 characters.</summary>
    public string? Reason { get; init; }
}
