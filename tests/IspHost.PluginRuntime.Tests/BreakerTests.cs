using Microsoft.Extensions.Time.Testing;

namespace IspHost.PluginRuntime.Tests;

public sealed class BreakerTests
{
    readonly FakeTimeProvider time = new();
    readonly Breaker breaker;

    public BreakerTests() => breaker = new Breaker(3, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), time);

    [Fact]
    public void Failures_within_the_window_open_it()
    {
        Fail(2);
        Assert.True(breaker.Allows());
        Fail(1);
        Assert.False(breaker.Allows());
    }

    [Fact]
    public void Failures_spread_over_more_than_the_window_do_not()
    {
        Fail(2);
        time.Advance(TimeSpan.FromSeconds(31));
        Fail(2);
        Assert.True(breaker.Allows());
        Fail(1);
        Assert.False(breaker.Allows());
    }

    [Fact]
    public void After_the_pause_one_call_is_let_through_to_try()
    {
        Fail(3);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(breaker.Allows());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(breaker.Allows());
        Assert.False(breaker.Allows());
    }

    [Fact]
    public void A_trial_that_works_closes_it()
    {
        OpenAndTry();
        breaker.Succeeded();
        Assert.True(breaker.Allows());
        Assert.False(breaker.IsOpen);
        Fail(2);
        Assert.True(breaker.Allows());
    }

    [Fact]
    public void A_trial_that_fails_opens_it_for_another_pause()
    {
        OpenAndTry();
        Fail(1);
        Assert.False(breaker.Allows());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(breaker.Allows());
    }

    [Fact]
    public void A_trial_whose_caller_gave_up_leaves_the_next_call_to_try()
    {
        OpenAndTry();
        breaker.Abandoned();
        Assert.True(breaker.Allows());
    }

    [Fact]
    public void A_call_from_before_it_opened_does_not_close_it()
    {
        Fail(3);
        breaker.Succeeded();
        Assert.False(breaker.Allows());
    }

    void OpenAndTry()
    {
        Fail(3);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(breaker.Allows());
    }

    void Fail(int times)
    {
        for (var i = 0; i < times; i++)
            breaker.Failed();
    }
}
