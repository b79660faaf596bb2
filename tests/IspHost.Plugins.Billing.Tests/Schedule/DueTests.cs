using IspHost.Sdk;
using IspHost.Sdk.Contracts;

namespace IspHost.Plugins.Billing.Tests;

public sealed class DueTests
{
    static readonly DateRange October = DateRange.Month(new(2026, 10));

    [Fact]
    public void Arrears_are_due_when_the_interval_has_ended()
        => Assert.Equal(
            ["Recurring 2026-08-15/2026-09-15", "Recurring 2026-09-15/2026-10-15"],
            Dues(Terms.From(2026, 8, 15, anchor: new(2026, 8, 15))));

    [Fact]
    public void Advance_is_due_when_the_interval_begins_and_the_first_of_the_next_month_has_begun()
        => Assert.Equal(
            ["Recurring 2026-10-01/2026-11-01", "Recurring 2026-11-01/2026-12-01"],
            Dues(Terms.From(2026, 10, 1, timing: CollectionTiming.Advance)));

    [Fact]
    public void Usage_is_due_in_arrears_whatever_the_timing_of_the_price()
        => Assert.Equal(
            ["Recurring 2026-10-01/2026-11-01", "Usage 2026-10-01/2026-11-01", "Recurring 2026-11-01/2026-12-01"],
            Dues(Terms.From(2026, 10, 1, timing: CollectionTiming.Advance, usage: Terms.Metered())));

    [Fact]
    public void The_days_before_the_first_anchor_are_a_part_of_the_interval_that_would_have_held_them()
        => Assert.Equal(
            ["Recurring 2026-09-10/2026-09-15", "Recurring 2026-09-15/2026-10-15"],
            Dues(Terms.From(2026, 9, 10, anchor: new(2026, 9, 15))));

    [Fact]
    public void A_contract_that_has_ended_is_due_up_to_its_end()
        => Assert.Equal(["Recurring 2026-10-01/2026-10-20"], Dues(Terms.From(2026, 10, 1) with { To = new(2026, 10, 20) }));

    [Fact]
    public void A_free_service_owes_nothing() => Assert.Empty(Dues(Terms.From(2026, 10, 1, price: 0m)));

    [Fact]
    public void An_interval_on_hold_from_end_to_end_owes_nothing()
        => Assert.Empty(Dues(Terms.From(2026, 10, 1) with { Holds = [October] }));

    [Fact]
    public void A_contract_of_the_future_owes_nothing() => Assert.Empty(Dues(Terms.From(2026, 11, 20, timing: CollectionTiming.Advance)));

    [Theory]
    [InlineData("2026-10-01/2026-11-01", true)]
    [InlineData("2026-09-01/2026-10-01", false)]
    public void What_its_own_terms_have_billed_is_billed(string days, bool isBilled)
    {
        var due = Due.In(Terms.From(2026, 10, 1), October).Single();
        var ends = days.Split('/').Select(day => NodaTime.Text.LocalDatePattern.Iso.Parse(day).Value).ToArray();

        var coverage = new Coverage([new(due.Version.Subscription, Component.Recurring, due.Version.Id, new(ends[0], ends[1]))]);

        Assert.Equal(isBilled ? CoverageState.Billed : CoverageState.Open, coverage.Of(due));
    }

    [Fact]
    public void What_other_terms_have_billed_is_not_billed_again()
    {
        var due = Due.In(Terms.From(2026, 10, 1), October).Single();

        Assert.Equal(
            CoverageState.BilledByOtherTerms,
            new Coverage([new(due.Version.Subscription, Component.Recurring, ContractVersionId.New(), October)]).Of(due));
    }

    static string[] Dues(ContractVersion version) => [.. Due.In(version, October).Select(due => $"{due.Component} {due.Served}")];
}
