using Microsoft.Extensions.Time.Testing;

namespace IspHost.PluginRuntime.Tests;

public sealed class BreakerTests
{
    static readonly TenantId Tenant = TenantId.New();

    readonly FakeTimeProvider time = new();
    readonly TaskCompletionSource<TenantId> opened = new();
    readonly Breakers breakers;

    public BreakerTests() => breakers = new Breakers(new PluginRuntimeOptions(), time, tenant => opened.TrySetResult(tenant));

    [Fact]
    public async Task Half_of_the_calls_without_answer_open_it_once_there_are_enough()
    {
        Call(answered: false, times: 4);
        Assert.True(IsAllowed());
        Call(answered: false);

        Assert.False(IsAllowed());
        Assert.Equal(Tenant, await opened.Task);
        Assert.Equal(1, breakers.Open);
    }

    [Fact]
    public void A_few_calls_without_answer_among_many_answers_do_not()
    {
        for (var i = 0; i < 10; i++)
        {
            Call(answered: false);
            Call(answered: true, times: 2);
        }

        Assert.True(IsAllowed());
        Assert.Equal(0, breakers.Open);
    }

    [Fact]
    public void Calls_without_answer_spread_over_more_than_the_window_do_not()
    {
        for (var i = 0; i < 10; i++)
        {
            Call(answered: false);
            time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.True(IsAllowed());
    }

    [Fact]
    public void It_concerns_one_tenant_alone()
    {
        Call(answered: false, times: 5);

        Assert.False(IsAllowed());
        Assert.True(breakers.Allows(TenantId.New(), out var watched));
        Assert.Null(watched);
    }

    [Fact]
    public void After_the_pause_one_call_is_let_through_to_try()
    {
        Call(answered: false, times: 5);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(IsAllowed());
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(IsAllowed());
        Assert.False(IsAllowed());
    }

    [Fact]
    public void A_trial_that_is_answered_closes_it()
    {
        Call(answered: false, times: 5);
        time.Advance(TimeSpan.FromSeconds(10));
        Call(answered: true);

        Assert.Equal(0, breakers.Open);
        Call(answered: false, times: 4);
        Assert.True(IsAllowed());
    }

    [Fact]
    public void A_trial_without_answer_opens_it_for_another_pause()
    {
        Call(answered: false, times: 5);
        time.Advance(TimeSpan.FromSeconds(10));
        Call(answered: false);

        Assert.False(IsAllowed());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(IsAllowed());
    }

    [Fact]
    public void A_trial_whose_caller_gave_up_opens_it_for_another_pause()
    {
        Call(answered: false, times: 5);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(breakers.Allows(Tenant, out var trial));
        trial!.Abandoned();

        Assert.False(IsAllowed());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(IsAllowed());
    }

    [Fact]
    public void A_call_from_before_it_opened_does_not_close_it()
    {
        Call(answered: false);
        Assert.True(breakers.Allows(Tenant, out var early));
        Call(answered: false, times: 4);
        breakers.Answered(Tenant, early!);

        Assert.False(IsAllowed());
    }

    [Fact]
    public void A_tenant_without_trouble_for_a_window_is_forgotten_with_its_next_answer()
    {
        Call(answered: false);
        Call(answered: true);
        Assert.Equal(1, breakers.Count);

        time.Advance(TimeSpan.FromSeconds(31));
        Call(answered: true);

        Assert.Equal(0, breakers.Count);
    }

    [Fact]
    public void Tenants_that_are_long_gone_are_forgotten()
    {
        for (var i = 0; i < 10_000; i++)
            breakers.Unanswered(TenantId.New(), null);
        Assert.Equal(10_000, breakers.Count);

        time.Advance(TimeSpan.FromMinutes(1));
        Call(answered: false);

        Assert.Equal(1, breakers.Count);
    }

    void Call(bool answered, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.True(breakers.Allows(Tenant, out var watched));
            if (!answered)
                breakers.Unanswered(Tenant, watched);
            else if (watched is not null)
                breakers.Answered(Tenant, watched);
        }
    }

    bool IsAllowed() => breakers.Allows(Tenant, out _);
}
