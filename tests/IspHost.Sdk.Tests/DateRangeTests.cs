using System.Text.Json;
using NodaTime;

namespace IspHost.Sdk.Tests;

public sealed class DateRangeTests
{
    static readonly DateRange October = DateRange.Month(new YearMonth(2026, 10));

    [Fact]
    public void A_month_ends_where_the_next_one_starts()
    {
        Assert.Equal((new LocalDate(2026, 10, 1), new LocalDate(2026, 11, 1), 31), (October.Start, October.End, October.Days));
        Assert.Equal(29, DateRange.Month(new YearMonth(2028, 2)).Days);
    }

    [Fact]
    public void The_end_is_excluded()
    {
        Assert.True(October.Contains(new LocalDate(2026, 10, 1)));
        Assert.True(October.Contains(new LocalDate(2026, 10, 31)));
        Assert.False(October.Contains(new LocalDate(2026, 11, 1)));
    }

    [Fact]
    public void A_range_has_at_least_a_day()
        => Assert.Throws<ArgumentException>(() => new DateRange(new LocalDate(2026, 10, 1), new LocalDate(2026, 10, 1)));

    [Fact]
    public void Ranges_intersect_in_the_days_that_both_have()
    {
        var holiday = new DateRange(new LocalDate(2026, 10, 20), new LocalDate(2026, 11, 5));
        Assert.Equal(new DateRange(new LocalDate(2026, 10, 20), new LocalDate(2026, 11, 1)), October.Intersect(holiday));
        Assert.Equal(October.Intersect(holiday), holiday.Intersect(October));
    }

    [Fact]
    public void Ranges_that_only_touch_have_no_day_in_common()
        => Assert.Null(October.Intersect(DateRange.Month(new YearMonth(2026, 11))));

    [Fact]
    public void A_month_with_a_change_of_clocks_is_an_hour_longer()
        => Assert.Equal(Duration.FromHours(31 * 24 + 1), October.InZone(DateTimeZoneProviders.Tzdb["Europe/Athens"]).Duration);

    [Fact]
    public void A_day_whose_midnight_does_not_exist_starts_when_it_starts()
    {
        var day = new DateRange(new LocalDate(2018, 11, 4), new LocalDate(2018, 11, 5));
        Assert.Equal(Duration.FromHours(23), day.InZone(DateTimeZoneProviders.Tzdb["America/Sao_Paulo"]).Duration);
    }

    [Fact]
    public void Json_has_two_dates()
    {
        var json = JsonSerializer.Serialize(October, SdkJson.NewOptions());
        Assert.Equal("""{"start":"2026-10-01","end":"2026-11-01"}""", json);
        Assert.Equal(October, JsonSerializer.Deserialize<DateRange>(json, SdkJson.NewOptions()));
    }

    [Fact]
    public void A_log_shows_both_dates() => Assert.Equal("2026-10-01/2026-11-01", $"{October}");
}
