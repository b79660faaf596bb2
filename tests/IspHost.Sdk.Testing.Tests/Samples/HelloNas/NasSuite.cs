using IspHost.Sdk.Testing;

namespace HelloNas.Tests;

/// <summary>What every vendor of access servers must do.</summary>
public sealed class NasSuite
{
    // begin nas-suite
    public static readonly ConformanceSuite Suite = NasVendorConformance.For(() => new WisprNas("http://portal.example/pay"));
    // end nas-suite

    public static TheoryData<string> Requirements => [.. Suite.Requirements];

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string requirement) => Suite.CheckAsync(requirement, TestContext.Current.CancellationToken);
}
