using System.Collections.Immutable;
using IspHost.Sdk.Rating;

namespace IspHost.Sdk.Testing;

/// <summary>Items that a rule can price, for its conformance suite.</summary>
public sealed record RatingCases
{
    /// <summary>For a rule that has revisions, which one.</summary>
    public string? RuleHash { get; init; }

    /// <summary>At least two items that cost different amounts.</summary>
    public IReadOnlyList<RatingItem> Items { get; init; } =
    [
        Item(250m, 0.10m),
        Item(1.5m, 0.10m) with { Currency = "JPY", Plan = "basic" },
        Item(0.000000001m, 0.00000001m),
        Item(99999.999999999m, 12.5m) with { Account = Customer("A-2002", "business", 40, ["fiber-1000"], ["vip"]) },
    ];

    /// <summary>An item with some usage by day and by night.</summary>
    /// <param name="quantity">Billions of bytes.</param>
    /// <param name="rate">The agreed price of one.</param>
    public static RatingItem Item(decimal quantity, decimal rate) => new()
    {
        Quantity = quantity,
        Rate = rate,
        Currency = "EUR",
        Account = Customer("A-1001", "residential", 3, ["fiber-300", "voice-basic"], ["autopay", "family"]),
        Period = new RatedPeriod(new DateOnly(2026, 10, 1), new DateOnly(2026, 11, 1)),
        Plan = "fiber-300",
        Usage =
        [
            Data(new DateTimeOffset(2026, 10, 5, 9, 0, 0, TimeSpan.FromHours(3)), quantity / 2m),
            Data(new DateTimeOffset(2026, 10, 25, 23, 0, 0, TimeSpan.FromHours(2)), quantity / 2m),
        ],
    };

    internal RatingItem Nothing => Items[0] with { Quantity = 0m, Usage = [] };

    /// <summary>More than any price can be multiplied with: decimal arithmetic overflows.</summary>
    internal RatingItem TooLarge => Items[0] with { Quantity = decimal.MaxValue, Rate = 99_999_999m, Usage = [] };

    internal RatingBatch Batch(params IEnumerable<RatingItem> items) => new()
    {
        Tenant = Sdk.TenantId.From(new Guid("0198c0de-0000-7000-8000-000000000001")),
        RuleHash = RuleHash,
        Items = [.. items],
    };

    static UsageEntry Data(DateTimeOffset at, decimal gigabytes) => new(at, "data", "", 0, gigabytes);

    static RatedAccount Customer(string id, string segment, int lines, ImmutableArray<string> products, ImmutableArray<string> tags)
        => new()
        {
            Id = id,
            Segment = segment,
            ActiveSince = new DateOnly(2019, 2, 28),
            Lines = lines,
            Products = products,
            Tags = tags,
        };
}
