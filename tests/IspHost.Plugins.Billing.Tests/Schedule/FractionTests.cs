using System.Globalization;
using CsCheck;
using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using NodaTime;

namespace IspHost.Plugins.Billing.Tests;

public sealed class FractionTests
{
    static readonly Gen<int> Lengths = Gen.Int[0, 3].Select(which => new[] { 1, 3, 6, 12 }[which]);

    static readonly Gen<Proration> Policies = Gen.Int[0, 3].Select(policy => (Proration)policy);

    [Theory]
    [InlineData(Proration.ActualDays, "2026-10-01", "2026-10-11", 10, 31)]
    [InlineData(Proration.ActualDays, "2026-10-01", "2026-11-01", 1, 1)]
    [InlineData(Proration.ThirtyDays, "2026-10-01", "2026-10-11", 10, 30)]
    [InlineData(Proration.ThirtyDays, "2026-10-02", "2026-11-01", 30, 30)]
    [InlineData(Proration.FullPeriod, "2026-10-31", "2026-11-01", 1, 1)]
    [InlineData(Proration.None, "2026-10-01", "2026-10-31", 0, 1)]
    [InlineData(Proration.None, "2026-10-01", "2026-11-01", 1, 1)]
    public void A_policy_gives_a_part_of_October(Proration policy, string from, string to, int numerator, int denominator)
        => Assert.Equal(new(numerator, denominator), Fraction.Of(policy, new(new(2026, 1, 1), 1, 9), [Days(from, to)]));

    [Theory]
    [InlineData("2026-02-02", "2026-03-01", 27, 30)]
    [InlineData("2026-02-01", "2026-03-01", 1, 1)]
    public void February_in_full_is_a_whole_month_of_thirty_days(string from, string to, int numerator, int denominator)
        => Assert.Equal(new(numerator, denominator), Fraction.Of(Proration.ThirtyDays, new(new(2026, 1, 1), 1, 1), [Days(from, to)]));

    [Fact]
    public void A_quarter_of_thirty_day_months_counts_each_month()
        => Assert.Equal(new(61, 90), Fraction.Of(Proration.ThirtyDays, new(new(2026, 1, 1), 3, 0), [Days("2026-01-01", "2026-03-02")]));

    [Theory]
    [InlineData("30.00", 10, 31, "9.68")]
    [InlineData("0.01", 1, 2, "0.01")]
    [InlineData("10.05", 1, 2, "5.03")]
    [InlineData("19.99", 1, 1, "19.99")]
    public void A_line_is_rounded_once_and_half_goes_away_from_zero(string price, int numerator, int denominator, string net)
    {
        var exact = new Fraction(numerator, denominator).Of(new(decimal.Parse(price, CultureInfo.InvariantCulture), Terms.Eur));

        Assert.Equal(decimal.Parse(net, CultureInfo.InvariantCulture), Rounding.ToLine(exact).Amount);
    }

    [Fact]
    public void The_parts_of_an_interval_that_is_cut_anywhere_are_the_whole()
        => Gen.Select(Gen.Int[0, 40_000], Lengths, Gen.Int[1, 364].Array[0, 6]).Sample((anchor, months, cuts) =>
        {
            var interval = new ServiceInterval(new LocalDate(1999, 1, 1).PlusDays(anchor), months, 0);
            var parts = Cut(interval.Days, cuts).Select(part => Fraction.Of(Proration.ActualDays, interval, [part])).ToList();
            return parts is [{ Numerator: 1, Denominator: 1 }] || parts.Sum(part => part.Numerator) == parts[0].Denominator;
        }, iter: 100_000);

    [Fact]
    public void No_part_is_negative_or_more_than_the_whole()
        => Gen.Select(Policies, Gen.Int[0, 40_000], Lengths, Gen.Int[1, 364].Array[0, 6]).Sample((policy, anchor, months, cuts) =>
        {
            var interval = new ServiceInterval(new LocalDate(1999, 1, 1).PlusDays(anchor), months, 0);
            return Cut(interval.Days, cuts).Select(part => Fraction.Of(policy, interval, [part]))
                .All(part => part.Numerator >= 0 && part.Numerator <= part.Denominator && part.Denominator > 0);
        }, iter: 100_000);

    [Fact]
    public void A_split_loses_nothing_and_no_part_is_more_than_a_cent_off()
        => Gen.Select(Gen.Long[-1_000_000, 1_000_000], Gen.Int[1, 1_000].Array[1, 12]).Sample((minor, weights) =>
        {
            var parts = Money.FromMinor(minor, Terms.Eur).Split([.. weights.Select(weight => (decimal)weight)]);
            var total = weights.Sum();
            return parts.Sum(part => part.ToMinor()) == minor
                && parts.Zip(weights).All(pair => Math.Abs(pair.First.ToMinor() - (decimal)minor * pair.Second / total) <= 1m);
        }, iter: 20_000);

    [Fact]
    public void Days_without_holds_and_the_holds_are_all_days()
        => Gen.Select(Gen.Int[1, 60], Gen.Select(Gen.Int[-5, 65], Gen.Int[1, 20]).Array[0, 5]).Sample((length, holes) =>
        {
            var start = new LocalDate(2026, 10, 1);
            var range = new DateRange(start, start.PlusDays(length));
            var holds = holes.Select(hole => new DateRange(start.PlusDays(hole.Item1), start.PlusDays(hole.Item1 + hole.Item2))).ToList();
            var left = range.Without(holds);
            return Enumerable.Range(0, length).Select(range.Start.PlusDays)
                .All(day => left.Count(part => part.Contains(day)) == (holds.Any(hold => hold.Contains(day)) ? 0 : 1));
        }, iter: 20_000);

    static IEnumerable<DateRange> Cut(DateRange range, IEnumerable<int> cuts)
    {
        var ends = cuts.Where(cut => cut < range.Days).Distinct().Order().Select(cut => range.Start.PlusDays(cut)).Append(range.End);
        var start = range.Start;
        foreach (var end in ends)
        {
            yield return new(start, end);
            start = end;
        }
    }

    static DateRange Days(string from, string to)
        => new(NodaTime.Text.LocalDatePattern.Iso.Parse(from).Value, NodaTime.Text.LocalDatePattern.Iso.Parse(to).Value);
}
