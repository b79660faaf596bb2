using IspHost.Sdk.Flags;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Testing;
using NodaTime;

namespace HelloFlags.Tests;

/// <summary>What every flag filter must do.</summary>
public sealed class FlagSuite
{
    // begin flag-suite
    public static readonly FakeTenants Tenants = new(Instant.FromUtc(2026, 10, 1, 0, 0));

    public static readonly ConformanceSuite Suite = For(() => new TenantCountry(Tenants));

    public static ConformanceSuite For(Func<IFlagFilter> create) => FlagFilterConformance.For(create, new FlagFilterCases
    {
        Met = Asking("GR"),
        Unmet = Asking("CY"),
    });

    public static FlagFilterRequest Asking(string argument) => new()
    {
        Tenant = Athens.Id,
        Groups = ["tenant:athens", "plan:home"],
        Flag = "new-tariff",
        Argument = argument,
        Now = Tenants.Time,
    };
    // end flag-suite

    public static TheoryData<string> Requirements => [.. Suite.Requirements];

    static Tenant Athens => Tenants.All is [var known, ..] ? known : Tenants.Add("athens");

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string requirement) => Suite.CheckAsync(requirement, TestContext.Current.CancellationToken);
}
