using IspHost.Sdk.Testing;

namespace HelloTax.Tests;

/// <summary>What every tax engine must do.</summary>
public sealed class TaxSuite
{
    // begin tax-suite
    public static readonly ConformanceSuite Suite = TaxEngineConformance.For(() => new FlatTax(20m));

    public static TheoryData<string> Requirements => [.. Suite.Requirements];

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string requirement) => Suite.CheckAsync(requirement, TestContext.Current.CancellationToken);
    // end tax-suite
}
