using CsCheck;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Usage;
using NodaTime;
using NodaTime.Text;

namespace IspHost.Plugins.Radius.Tests;

public sealed class HourlySplitTests
{
    static readonly string[] Zones = ["Europe/Athens", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "UTC"];

    static readonly SubscriptionId Subscription = SubscriptionId.New();

    [Theory]
    [InlineData("Europe/Athens", "2026-10-14T09:10:00Z", "2026-10-14T09:40:00Z", 1000, "09:10-09:40=1000")]
    [InlineData("Europe/Athens", "2026-10-14T09:30:00Z", "2026-10-14T10:30:00Z", 1001, "09:30-10:00=501 10:00-10:30=500")]
    [InlineData("Europe/Athens", "2026-10-14T09:00:00Z", "2026-10-14T10:00:00Z", 7, "09:00-10:00=7")]
    [InlineData("Europe/Athens", "2026-10-14T09:50:00Z", "2026-10-14T11:10:00Z", 80, "09:50-10:00=10 10:00-11:00=60 11:00-11:10=10")]
    [InlineData("Europe/Athens", "2026-10-14T09:10:00Z", "2026-10-14T09:10:00Z", 5, "09:10-09:10=5")]
    [InlineData("Asia/Kathmandu", "2026-10-14T09:00:00Z", "2026-10-14T10:00:00Z", 60, "09:00-09:15=15 09:15-10:00=45")]
    public void Usage_is_shared_among_the_local_hours_by_time(string zone, string from, string to, long octets, string expected)
        => Assert.Equal(expected, string.Join(' ', Split(zone, from, to, octets).Select(Show)));

    [Fact]
    public void The_hour_that_comes_twice_is_two_hours()
    {
        // On 25 October 2026 clocks in Athens go back from 04:00 to 03:00, at 01:00 UTC.
        var records = Split("Europe/Athens", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z", 120);
        Assert.Equal("00:30-01:00=30 01:00-02:00=60 02:00-02:30=30", string.Join(' ', records.Select(Show)));
    }

    [Fact]
    public void A_clock_that_moves_by_half_an_hour_ends_an_hour()
    {
        // On Lord Howe Island clocks go forward from 02:00 to 02:30 on 4 October 2026, at 15:30 UTC the day before.
        var records = Split("Australia/Lord_Howe", "2026-10-03T15:00:00Z", "2026-10-03T16:30:00Z", 90);
        Assert.Equal("15:00-15:30=30 15:30-16:00=30 16:00-16:30=30", string.Join(' ', records.Select(Show)));
    }

    [Fact]
    public void A_silence_of_years_is_not_spread_over_years()
        => Assert.Equal(31 * 24 + 1, Split("Europe/Athens", "1990-01-01T00:30:00Z", "2026-10-14T09:30:00Z", 1_000_000).Count);

    [Fact]
    public void The_same_growth_has_the_same_records()
    {
        var records = Split("Europe/Athens", "2026-10-14T09:30:00Z", "2026-10-14T11:30:00Z", 1001);
        Assert.Equal(records, Split("Europe/Athens", "2026-10-14T09:30:00Z", "2026-10-14T11:30:00Z", 1001));
        Assert.Equal(3, records.Select(record => record.Id).Distinct().Count());
    }

    [Fact]
    public void The_parts_are_the_whole_to_the_octet_and_lie_in_one_hour_each()
        => Gen.Select(
                Gen.Int[0, Zones.Length - 1].Select(i => Zones[i]),
                Gen.Long[0, 1L << 60], Gen.Long[0, 1L << 60], Gen.Int[0, 365 * 86_400], Gen.Int[0, 3 * 86_400])
            .Sample((zoneId, up, down, start, length) =>
            {
                var zone = DateTimeZoneProviders.Tzdb[zoneId];
                var from = Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromSeconds(start);
                var growth = new Growth(from, from + Duration.FromSeconds(length), up, down);
                var records = HourlySplit.Split(Subscription, Session, growth, zone);
                Assert.Equal((up, down), (records.Sum(record => record.Up.Bytes), records.Sum(record => record.Down.Bytes)));
                Assert.All(records, record => Assert.True(IsOneHour(record, zone)));
            }, iter: 2_000);

    static bool IsOneHour(UsageRecord record, DateTimeZone zone)
    {
        if (record.Start == record.End)
            return true;
        var (first, last) = (record.Start.InZone(zone), (record.End - Duration.Epsilon).InZone(zone));
        return (first.Date, first.Hour, first.Offset) == (last.Date, last.Hour, last.Offset);
    }

    static IReadOnlyList<UsageRecord> Split(string zone, string from, string to, long octets) => HourlySplit.Split(
        Subscription, Session, new Growth(At(from), At(to), octets, 0), DateTimeZoneProviders.Tzdb[zone]);

    static readonly Session Session = new()
    {
        Id = new Guid("00000000-0000-7000-8000-000000000001"),
        Key = new SessionKey(new NasId(Guid.Empty), OctetString.Of("s"), OctetString.Of("u")),
        Incarnation = 1,
        StartedAt = World.Noon,
        LastAt = World.Noon,
        CountedAt = World.Noon,
    };

    static Instant At(string text) => InstantPattern.General.Parse(text).Value;

    static string Show(UsageRecord record) => $"{record.Start:HH:mm}-{record.End:HH:mm}={record.Up.Bytes}";
}
