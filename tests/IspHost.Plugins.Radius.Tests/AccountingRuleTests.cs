using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using NodaTime;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>The rules that decide the bill, without packets and without a database.</summary>
public sealed class AccountingRuleTests
{
    const long Giga = 1L << 32;

    static readonly Instant Noon = World.Noon;
    static readonly SubscriptionId Service = SubscriptionId.New();
    static readonly SessionKey Key = new(NasId.New(), OctetString.Of("80a00001"), OctetString.Of("demo-user"));

    readonly Dictionary<Guid, (long Up, long Down)> emitted = [];

    [Fact]
    public void Counters_are_absolute_so_only_the_difference_is_usage()
    {
        var history = Play(Start(0), Interim(300, 100, 1000), Interim(600, 250, 4000), Stop(700, 260, 4100));
        var session = Assert.Single(history);
        Assert.Equal((260, 4100), emitted[session.Id]);
        Assert.Equal(Noon + Duration.FromSeconds(700), session.StoppedAt);
        Assert.Equal(SessionEnd.Stopped, session.End);
    }

    [Fact]
    public void The_same_record_three_times_is_the_same_as_once()
    {
        var interim = Interim(300, 100, 1000);
        Assert.Equal((100, 1000), Total(Play(interim, interim, interim)));
    }

    [Theory]
    [InlineData("stop first")]
    [InlineData("stop in the middle")]
    [InlineData("start last")]
    public void An_order_that_cannot_be_gives_the_same_session(string order)
    {
        AccountingRecord[] records = [Start(0), Interim(300, 100, 1000), Interim(600, 200, 2000), Stop(900, 300, 3000)];
        records = order switch
        {
            "stop first" => [records[3], records[0], records[2], records[1]],
            "stop in the middle" => [records[0], records[3], records[1], records[2]],
            _ => [records[1], records[2], records[3], records[0]],
        };
        var session = Assert.Single(Play(records));
        Assert.Equal((300, 3000), emitted[session.Id]);
        Assert.Equal((Noon, Noon + Duration.FromSeconds(900)), (session.StartedAt, session.StoppedAt));
    }

    [Fact]
    public void A_session_without_a_start_began_its_session_time_ago()
        => Assert.Equal(Noon, Assert.Single(Play(Interim(300, 1, 1))).StartedAt);

    [Fact]
    public void A_record_that_does_not_tell_the_begin_does_not_move_it()
        => Assert.Equal(Noon, Assert.Single(Play(Start(0), Interim(600, 1, 1) with { Seconds = null })).StartedAt);

    [Fact]
    public void A_stop_without_counters_keeps_those_of_the_last_interim()
        => Assert.Equal((100, 1000), Total(Play(Start(0), Interim(300, 100, 1000), Stop(400) with { Up = null, Down = null })));

    [Fact]
    public void An_interim_after_the_stop_does_not_open_the_session_again()
    {
        var session = Assert.Single(Play(Start(0), Stop(900, 300, 3000), Interim(600, 200, 2000)));
        Assert.False(session.IsOpen);
        Assert.Equal((300, 3000), emitted[session.Id]);
    }

    [Fact]
    public void Gigawords_count_what_32_bits_cannot()
        => Assert.Equal((1L, 3 * Giga + 7), Total(Play(Start(0), Interim(300, 1, 3 * Giga + 7))));

    [Fact]
    public void Without_gigawords_a_counter_that_falls_a_little_way_around_has_wrapped()
    {
        var session = Assert.Single(Play(
            Start(0), Without(Interim(300, 0, Giga - 1000)), Without(Interim(600, 0, 500)), Without(Interim(900, 0, 700)),
            Without(Interim(1200, 0, 600))));
        Assert.Equal(Giga + 700, session.Down.Octets);
        Assert.True(session.Down.IsSuspect);
    }

    [Fact]
    public void Two_wraps_are_two()
        => Assert.Equal((0, 2 * Giga + 5), Total(Play(
            Without(Interim(300, 0, Giga - 10)), Without(Interim(600, 0, 20)), Without(Interim(900, 0, Giga - 3_000_000_000)),
            Without(Interim(1200, 0, Giga - 20)), Without(Interim(1500, 0, 5)))));

    [Fact]
    public void A_wrap_that_arrives_before_the_record_in_front_of_it_is_a_wrap()
        => Assert.Equal((0, Giga + 500), Total(Play(
            Start(0), Without(Interim(600, 0, 500)), Without(Interim(300, 0, Giga - 1000)), Without(Interim(600, 0, 500)))));

    [Fact]
    public void A_counter_that_fell_without_a_wrap_is_suspect_and_never_negative()
    {
        var session = Assert.Single(Play(Start(0), Interim(300, 100, 5000), Interim(600, 100, 1000), Interim(900, 100, 6000)));
        Assert.True(session.Down.IsSuspect);
        Assert.False(session.Up.IsSuspect);
        Assert.Equal((100, 6000), emitted[session.Id]);
    }

    [Fact]
    public void Counter_and_session_time_that_fell_together_are_an_old_record()
    {
        var session = Assert.Single(Play(Start(0), Interim(600, 100, 5000), Interim(300, 50, 1000)));
        Assert.False(session.Down.IsSuspect);
        Assert.Equal((100, 5000), emitted[session.Id]);
    }

    [Fact]
    public void A_counter_that_cannot_be_is_not_counted()
    {
        var absurd = Interim(600, 0, 0) with { Down = new Reading(ulong.MaxValue, true) };
        var session = Assert.Single(Play(Start(0), Interim(300, 100, 5000), absurd));
        Assert.True(session.Down.IsSuspect);
        Assert.Equal((100, 5000), emitted[session.Id]);
    }

    [Fact]
    public void A_start_after_the_stop_is_another_session_of_the_same_name()
    {
        var sessions = Play(Start(0), Stop(300, 100, 1000), Start(301), Stop(400, 10, 20, began: 301));
        Assert.Equal([1, 2], sessions.Select(session => session.Incarnation));
        Assert.Equal([(100L, 1000L), (10L, 20L)], sessions.Select(session => emitted[session.Id]));
    }

    [Fact]
    public void After_a_reboot_without_notice_a_session_that_began_later_is_another_one()
    {
        var sessions = Play(Start(0), Interim(3600, 100, 9000), Interim(4000, 10, 50, began: 3900));
        Assert.Equal([SessionEnd.Superseded, null], sessions.Select(session => session.End));
        Assert.Equal([(100L, 9000L), (10L, 50L)], sessions.Select(session => emitted[session.Id]));
    }

    [Fact]
    public void A_late_record_of_the_session_before_goes_to_the_session_before()
    {
        var sessions = Play(
            Start(0), Interim(300, 100, 1000), Start(1000), Interim(1300, 5, 6, began: 1000), Stop(600, 200, 2000), Start(0));
        Assert.Equal(2, sessions.Count);
        Assert.Equal([(200L, 2000L), (5L, 6L)], sessions.Select(session => emitted[session.Id]));
        Assert.Equal([SessionEnd.Stopped, null], sessions.Select(session => session.End));
    }

    [Fact]
    public void Interims_without_session_time_in_the_wrong_order_are_one_session()
        => Assert.Single(Play(
            Interim(900, 30, 30) with { Seconds = null }, Interim(300, 10, 10) with { Seconds = null },
            Interim(600, 20, 20) with { Seconds = null }, Start(0)));

    [Fact]
    public void Times_that_differ_by_the_rounding_of_seconds_are_one_session()
        => Assert.Single(Play(Start(0), Interim(300, 1, 1, began: 2), Stop(1, 1, 1, began: -1)));

    [Fact]
    public void Class_tells_sessions_apart_that_share_a_name_and_a_second()
    {
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        var sessions = Play(
            Start(0) with { Token = one }, Interim(300, 100, 100) with { Token = one }, Start(300) with { Token = other },
            Stop(301, 200, 200) with { Token = one }, Interim(600, 5, 5, began: 300) with { Token = other });
        Assert.Equal([(200L, 200L), (5L, 5L)], sessions.Select(session => emitted[session.Id]));
    }

    [Fact]
    public void A_session_keeps_its_class_through_a_clock_that_was_set()
    {
        var token = Guid.NewGuid();
        Assert.Single(Play(
            Start(0) with { Token = token }, Interim(300, 1, 1) with { Token = token },
            Interim(3900, 2, 2, began: 3300) with { Token = token }));
    }

    [Fact]
    public void A_session_that_was_taken_for_ended_lives_on_with_its_next_sign()
    {
        var sessions = Play(Start(0), Interim(300, 100, 100));
        var ended = sessions[0].Ended(SessionEnd.NotFound, sessions[0].LastAt);
        Assert.False(ended.IsOpen);
        Assert.True(ended.Apply(Interim(600, 200, 200)).Session.IsOpen);
        Assert.False(ended.Apply(Interim(300, 100, 100)).Session.IsOpen);
    }

    [Fact]
    public void A_real_stop_after_a_reboot_still_corrects_counters_and_end()
    {
        var ended = Play(Start(0), Interim(300, 100, 100))[0].Ended(SessionEnd.NasReboot, Noon + Duration.FromSeconds(500));
        var (session, growth) = ended.Apply(Stop(400, 150, 180));
        Assert.Equal((50, 80), (growth.Up, growth.Down));
        Assert.Equal((SessionEnd.Stopped, Noon + Duration.FromSeconds(400)), (session.End, session.StoppedAt));
    }

    [Fact]
    public void A_record_from_before_the_reboot_opens_no_session()
    {
        var boot = new Boot(Noon + Duration.FromSeconds(500), Noon + Duration.FromSeconds(501), Count: 1);
        Assert.Equal(SessionEnd.NasReboot, new History([], boot).Apply(Interim(300, 1, 1)).Session.End);
        Assert.Null(new History([], boot).Apply(Start(501)).Session.End);
    }

    [Fact]
    public void Nothing_changes_what_was_said_already()
    {
        var history = new History(Play(Start(0), Interim(300, 1, 1)), null);
        history.Apply(Interim(300, 1, 1));
        Assert.Empty(history.Touched);
    }

    List<Session> Play(params AccountingRecord[] records)
    {
        var history = new History([], null);
        foreach (var record in records)
        {
            var (session, growth) = history.Apply(record);
            var before = emitted.GetValueOrDefault(session.Id);
            Assert.True(growth is { Up: >= 0, Down: >= 0 } && growth.From <= growth.To);
            emitted[session.Id] = (before.Up + growth.Up, before.Down + growth.Down);
        }
        return [.. history.Touched];
    }

    (long Up, long Down) Total(List<Session> sessions) => emitted[Assert.Single(sessions).Id];

    static AccountingRecord Start(int at) => Record(AccountingStatus.Start, at, null);

    static AccountingRecord Interim(int at, long up, long down, int began = 0) => Record(
        AccountingStatus.Interim, at, at - began, up, down);

    static AccountingRecord Stop(int at, long up = 0, long down = 0, int began = 0)
        => Record(AccountingStatus.Stop, at, at - began, up, down);

    static AccountingRecord Without(AccountingRecord record) => record with
    {
        Up = record.Up!.Value with { HasGigawords = false },
        Down = record.Down!.Value with { HasGigawords = false },
    };

    static AccountingRecord Record(AccountingStatus status, int at, long? seconds, long? up = null, long? down = null) => new()
    {
        Key = Key,
        Subscription = Service,
        Status = status,
        At = Noon + Duration.FromSeconds(at),
        IsDated = true,
        Seconds = seconds,
        Up = up is { } sent ? new Reading((ulong)sent, true) : null,
        Down = down is { } received ? new Reading((ulong)received, true) : null,
    };
}
