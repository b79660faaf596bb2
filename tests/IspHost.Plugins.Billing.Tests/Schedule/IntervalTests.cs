using CsCheck;
using NodaTime;

namespace IspHost.Plugins.Billing.Tests;

public sealed class IntervalTests
{
    static readonly Gen<int> Lengths = Gen.Int[0, 3].Select(which => new[] { 1, 3, 6, 12 }[which]);

    [Theory]
    [InlineData("2026-01-31", 1, 0, "2026-01-31/2026-02-28")]
    [InlineData("2026-01-31", 1, 1, "2026-02-28/2026-03-31")]
    [InlineData("2026-01-31", 1, 2, "2026-03-31/2026-04-30")]
    [InlineData("2028-01-30", 1, 1, "2028-02-29/2028-03-30")]
    [InlineData("2026-10-15", 1, -1, "2026-09-15/2026-10-15")]
    [InlineData("2026-11-30", 3, 1, "2027-02-28/2027-05-30")]
    [InlineData("2024-02-29", 12, 1, "2025-02-28/2026-02-28")]
    [InlineData("2024-02-29", 12, 4, "2028-02-29/2029-02-28")]
    public void An_interval_is_a_function_of_the_anchor_and_its_number(string anchor, int months, int index, string days)
        => Assert.Equal(days, new ServiceInterval(Day(anchor), months, index).Days.ToString());

    [Theory]
    [InlineData("2026-02-27", "2026-01-31/2026-02-28")]
    [InlineData("2026-02-28", "2026-02-28/2026-03-31")]
    [InlineData("2026-03-30", "2026-02-28/2026-03-31")]
    [InlineData("2025-12-30", "2025-11-30/2025-12-31")]
    public void A_day_lies_in_one_interval(string day, string days)
        => Assert.Equal(days, ServiceInterval.Containing(Day(day), new(2026, 1, 31), 1).Days.ToString());

    [Fact]
    public void Intervals_of_any_anchor_tile_the_time_line_and_come_back_to_its_day()
        => Gen.Select(Gen.Int[0, 40_000], Lengths, Gen.Int[-900, 900]).Sample((day, months, index) =>
        {
            var interval = new ServiceInterval(new LocalDate(1999, 1, 1).PlusDays(day), months, index);
            var start = interval.Days.Start;
            return interval.Days.End == interval.Next.Days.Start
                && start.Day == Math.Min(interval.Anchor.Day, CalendarSystem.Iso.GetDaysInMonth(start.Year, start.Month));
        }, iter: 100_000);

    [Fact]
    public void The_interval_containing_a_day_contains_it()
        => Gen.Select(Gen.Int[0, 40_000], Lengths, Gen.Int[-20_000, 60_000]).Sample((anchor, months, day) =>
        {
            var start = new LocalDate(1999, 1, 1);
            return ServiceInterval.Containing(start.PlusDays(day), start.PlusDays(anchor), months).Days.Contains(start.PlusDays(day));
        }, iter: 100_000);

    [Fact]
    public void The_months_of_an_interval_tile_it()
        => Gen.Select(Gen.Int[0, 40_000], Lengths, Gen.Int[-100, 100]).Sample((day, months, index) =>
        {
            var interval = new ServiceInterval(new LocalDate(1999, 1, 1).PlusDays(day), months, index);
            var each = interval.EachMonth().ToList();
            return each.Count == months && each[0].Start == interval.Days.Start && each[^1].End == interval.Days.End
                && each.Zip(each.Skip(1)).All(pair => pair.First.End == pair.Second.Start);
        });

    static LocalDate Day(string iso) => NodaTime.Text.LocalDatePattern.Iso.Parse(iso).Value;
}
