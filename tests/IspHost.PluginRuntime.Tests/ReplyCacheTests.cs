using System.Net;
using IspHost.Sdk.Datagrams;
using Microsoft.Extensions.Time.Testing;

namespace IspHost.PluginRuntime.Tests;

/// <summary>RFC 5080 section 2.2.2.</summary>
public sealed class ReplyCacheTests
{
    static readonly byte[] Answer = [2, 7, 0, 20];

    readonly FakeTimeProvider time = new();
    readonly ReplyCache cache;

    public ReplyCacheTests() => cache = new ReplyCache(time);

    [Fact]
    public void A_request_is_new_once() => Assert.Equal([ReplyState.New, ReplyState.InProgress], [Begin(7, 1), Begin(7, 1)]);

    [Fact]
    public void A_repetition_after_the_answer_gets_the_same_octets()
    {
        Begin(7, 1);
        cache.Complete(Slot(7), 1, Answer);

        Assert.Equal(ReplyState.Answered, cache.Begin(Slot(7), 1, out var reply));
        Assert.Equal(Answer, reply.ToArray());
    }

    [Fact]
    public void Another_request_in_the_same_slot_takes_its_place()
    {
        Begin(7, 1);
        cache.Complete(Slot(7), 1, Answer);

        Assert.Equal([ReplyState.New, ReplyState.InProgress], [Begin(7, 2), Begin(7, 2)]);
        Assert.Equal(ReplyState.New, Begin(7, 1));
    }

    [Fact]
    public void A_late_answer_to_a_request_that_was_replaced_is_dropped()
    {
        Begin(7, 1);
        Begin(7, 2);
        cache.Complete(Slot(7), 1, Answer);

        Assert.Equal(ReplyState.InProgress, Begin(7, 2));
    }

    [Theory]
    [InlineData("10.0.0.2", 1812, "auth", 7)]
    [InlineData("10.0.0.1", 1813, "auth", 7)]
    [InlineData("10.0.0.1", 1812, "acct", 7)]
    [InlineData("10.0.0.1", 1812, "auth", 8)]
    public void Address_port_listener_and_identifier_tell_slots_apart(string address, int port, string listener, byte identifier)
    {
        cache.Begin(Slot(7), 1, out _);

        var other = new ReplySlot(new IPEndPoint(IPAddress.Parse(address), port), listener, identifier);
        Assert.Equal(ReplyState.New, cache.Begin(other, 1, out _));
    }

    [Fact]
    public void A_request_that_was_forgotten_is_new_again()
    {
        Begin(7, 1);
        cache.Forget(Slot(7), 2);
        Assert.Equal(ReplyState.InProgress, Begin(7, 1));
        cache.Forget(Slot(7), 1);
        Assert.Equal(ReplyState.New, Begin(7, 1));
    }

    [Fact]
    public void An_answer_is_kept_for_30_seconds_from_when_it_was_given()
    {
        Begin(7, 1);
        time.Advance(TimeSpan.FromSeconds(20));
        cache.Complete(Slot(7), 1, Answer);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(ReplyState.Answered, Begin(7, 1));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ReplyState.New, Begin(7, 1));
    }

    [Fact]
    public void A_request_that_was_never_answered_is_new_again_after_30_seconds()
    {
        Begin(7, 1);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(ReplyState.New, Begin(7, 1));
    }

    [Fact]
    public void The_oldest_go_first_when_it_is_full()
    {
        var small = new ReplyCache(time, maxEntries: 4, maxReplyBytes: 1_000);
        for (byte i = 0; i < 5; i++)
            small.Begin(Slot(i), 1, out _);

        Assert.Equal(4, small.Count);
        Assert.Equal(ReplyState.InProgress, small.Begin(Slot(4), 1, out _));
        Assert.Equal(ReplyState.New, small.Begin(Slot(0), 1, out _));
    }

    [Fact]
    public void The_octets_of_answers_are_bounded_too()
    {
        var small = new ReplyCache(time, maxEntries: 100, maxReplyBytes: 10);
        for (byte i = 0; i < 4; i++)
        {
            small.Begin(Slot(i), 1, out _);
            small.Complete(Slot(i), 1, Answer);
        }

        Assert.Equal(2, small.Count);
        Assert.Equal(ReplyState.Answered, small.Begin(Slot(3), 1, out _));
    }

    [Fact]
    public void One_slot_that_always_changes_stays_one_entry()
    {
        var small = new ReplyCache(time, maxEntries: 4, maxReplyBytes: 1_000);
        for (var i = 0u; i < 1_000; i++)
            Assert.Equal(ReplyState.New, small.Begin(Slot(7), i, out _));

        Assert.Equal(1, small.Count);
        Assert.Equal(ReplyState.InProgress, small.Begin(Slot(7), 999, out _));
    }

    ReplyState Begin(byte identifier, UInt128 fingerprint) => cache.Begin(Slot(identifier), fingerprint, out _);

    static ReplySlot Slot(byte identifier) => new(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 1812), "auth", identifier);
}
