using CustomGateway.Tests;
using FlatRating.Tests;
using HelloFlags.Tests;
using HelloNas.Tests;
using HelloNotification.Tests;
using HelloTax.Tests;
using IspHost.Sdk.Testing.Tests.Wrong;

namespace IspHost.Sdk.Testing.Tests;

/// <summary>Every requirement fails for an implementation that does not meet it, and says what it saw.</summary>
public sealed class ConformanceSuiteTests
{
    /// <summary>The suite of a wrong implementation, for each requirement at least one.</summary>
    static readonly (string Point, string Requirement, Func<ConformanceSuite> Suite)[] Wrongs =
    [
        .. WrongTaxEngines.All.Select(wrong
            => ("tax", wrong.Requirement, (Func<ConformanceSuite>)(() => TaxEngineConformance.For(wrong.Create)))),
        .. WrongRatingRules.All.Select(wrong
            => ("rating", wrong.Requirement, (Func<ConformanceSuite>)(() => RatingRuleConformance.For(wrong.Create)))),
        .. WrongNasVendors.All.Select(wrong
            => ("nas", wrong.Requirement, (Func<ConformanceSuite>)(() => NasVendorConformance.For(wrong.Create)))),
        .. WrongFlagFilters.All.Select(wrong
            => ("flag-filter", wrong.Requirement, (Func<ConformanceSuite>)(() => FlagSuite.For(wrong.Create)))),
        .. WrongGateways.All.Select(wrong => ("payment", wrong.Requirement, wrong.Suite)),
        .. Purse.All.Select(wrong => ("payment", wrong.Requirement, wrong.Suite)),
        .. WrongChannels.All.Select(wrong => ("notification", wrong.Requirement, wrong.Suite)),
    ];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<int, string> WrongImplementations
        => [.. Wrongs.Select((wrong, i) => (i, $"{wrong.Point}: {wrong.Requirement}"))];

    public static TheoryData<string> RightRefunds => [.. Purse.Suite(RefundFault.None).Requirements];

    public static TheoryData<string> RightChannel => [.. WrongChannels.RightSuite.Requirements];

    [Theory, MemberData(nameof(WrongImplementations))]
    public async Task A_wrong_implementation_fails(int number, string requirement)
    {
        Assert.NotEmpty(requirement);
        var unmet = await Assert.ThrowsAsync<ConformanceException>(()
            => Wrongs[number].Suite().CheckAsync(Wrongs[number].Requirement, Stop));
        Assert.Equal(Wrongs[number].Requirement, unmet.Requirement);
        Assert.NotEmpty(unmet.Seen);
        TestContext.Current.TestOutputHelper!.WriteLine(unmet.Seen);
    }

    [Fact]
    public void Every_requirement_has_a_wrong_implementation()
    {
        ConformanceSuite[] suites = [TaxSuite.Suite, RatingSuite.Suite, NasSuite.Suite, FlagSuite.Suite, PaymentSuite.New(),
            Purse.Suite(RefundFault.None), NotificationSuite.In("none")];
        var all = suites.SelectMany(suite => suite.Requirements.Select(requirement => $"{suite.Point}: {requirement}"));
        Assert.Equal(all.Order(), Wrongs.Select(wrong => $"{wrong.Point}: {wrong.Requirement}").Distinct().Order());
    }

    [Theory, MemberData(nameof(RightRefunds))]
    public Task A_purse_that_refunds_conforms(string requirement) => Purse.Suite(RefundFault.None).CheckAsync(requirement, Stop);

    [Theory, MemberData(nameof(RightChannel))]
    public Task The_channel_that_wrong_ones_are_made_from_conforms(string requirement)
        => WrongChannels.RightSuite.CheckAsync(requirement, Stop);

    [Fact]
    public async Task A_tax_engine_that_forgets_a_line_is_told_which()
    {
        var suite = TaxEngineConformance.For(WrongTaxEngines.All.First().Create);
        var unmet = await Assert.ThrowsAsync<ConformanceException>(() => suite.CheckAsync("Every line has a tax.", Stop));
        Assert.Equal($"Required: Every line has a tax.{Environment.NewLine}Seen: no tax for line-1 of a sale from GR to GR in EUR",
            unmet.Message);
    }

    [Fact]
    public async Task A_requirement_that_the_suite_does_not_have_is_an_error()
        => await Assert.ThrowsAsync<ArgumentException>(() => TaxSuite.Suite.CheckAsync("Every tax is fair.", Stop));

    [Fact]
    public async Task A_known_exception_passes_until_the_requirement_is_met()
    {
        const string requirement = "Every line has a tax.";
        await TaxEngineConformance.For(WrongTaxEngines.All.First().Create).Except(requirement,
            "Line 1 is a heading.").CheckAsync(requirement, Stop);

        var met = TaxSuite.Suite.Except(requirement, "Line 1 is a heading.");
        var unmet = await Assert.ThrowsAsync<ConformanceException>(() => met.CheckAsync(requirement, Stop));
        Assert.Equal("it holds, although it was said not to because: Line 1 is a heading.", unmet.Seen);
    }

    [Fact]
    public async Task What_the_implementation_throws_is_kept_as_the_cause()
    {
        var suite = TaxEngineConformance.For(() => throw new FormatException("Setting Percent: 'x'."));
        var unmet = await Assert.ThrowsAsync<ConformanceException>(() => suite.CheckAsync("Every line has a tax.", Stop));
        Assert.Equal("FormatException: Setting Percent: 'x'.", unmet.Seen);
        Assert.IsType<FormatException>(unmet.InnerException);
    }
}
