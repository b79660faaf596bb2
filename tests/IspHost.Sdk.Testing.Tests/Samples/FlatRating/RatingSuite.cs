using IspHost.Sdk.Testing;

namespace FlatRating.Tests;

/// <summary>What every rating rule must do.</summary>
public sealed class RatingSuite
{
    // begin rating-suite
    public static readonly ConformanceSuite Suite = RatingRuleConformance.For(() => new FlatRate());
    // end rating-suite

    public static TheoryData<string> Requirements => [.. Suite.Requirements];

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string requirement) => Suite.CheckAsync(requirement, TestContext.Current.CancellationToken);
}
