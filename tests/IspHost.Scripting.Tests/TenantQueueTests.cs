using IspHost.Scripting.Workers;
using IspHost.Sdk;

namespace IspHost.Scripting.Tests;

public sealed class TenantQueueTests
{
    static readonly TenantId A = Tests.Workers.Tenant, B = Tests.Workers.Other, C = new(new Guid("00000000-0000-0000-0000-000000000003"));

    readonly HandClock clock = new();
    readonly TenantQueue<string> queue;

    public TenantQueueTests() => queue = new TenantQueue<string>(
        new ScriptLimits { TenantTime = TimeSpan.FromSeconds(2), TenantWindow = TimeSpan.FromSeconds(10) }, clock);

    [Fact]
    public void Tenants_take_turns()
    {
        Add(A, "a1", "a2", "a3");
        Add(B, "b1");
        Add(C, "c1", "c2");

        Assert.Equal(["a1", "b1", "c1", "a2", "c2", "a3"], TakeAll());
    }

    [Fact]
    public void What_comes_later_waits_for_one_turn_of_each_tenant()
    {
        Add(A, "a1", "a2", "a3");
        Add(B, "b1", "b2", "b3");
        Take();
        Add(C, "c1");

        Assert.Equal(["b1", "a2", "c1", "b2", "a3", "b3"], TakeAll());
    }

    [Fact]
    public void A_tenant_that_has_used_up_its_share_comes_after_the_others()
    {
        Add(A, "a1", "a2");
        Add(B, "b1", "b2");
        queue.Spend(A, TimeSpan.FromSeconds(2));

        Assert.Equal(["b1", "b2", "a1", "a2"], TakeAll());
    }

    [Fact]
    public void A_share_is_whole_again_in_the_next_window()
    {
        queue.Spend(A, TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromSeconds(10));
        Add(A, "a1", "a2");
        Add(B, "b1");

        Assert.Equal(["a1", "b1", "a2"], TakeAll());
    }

    [Fact]
    public void Who_waits_beyond_its_share_is_in_turn_again_in_the_next_window()
    {
        queue.Spend(A, TimeSpan.FromSeconds(2));
        Add(A, "a1", "a2");
        Add(B, "b1", "b2", "b3");
        Take();
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["b2", "a1", "b3", "a2"], TakeAll());
    }

    [Fact]
    public void A_line_is_bounded_for_each_tenant_alone()
    {
        Assert.True(queue.TryAdd(A, "a1", 2));
        Assert.True(queue.TryAdd(A, "a2", 2));
        Assert.False(queue.TryAdd(A, "a3", 2));
        Assert.True(queue.TryAdd(B, "b1", 2));

        Assert.Equal(["a1", "b1", "a2"], TakeAll());
    }

    [Fact]
    public async Task A_closed_queue_takes_nothing_and_gives_the_rest()
    {
        Add(A, "a1");
        queue.Close();

        Assert.False(queue.TryAdd(A, "a2"));
        Assert.Equal(["a1"], TakeAll());
        Assert.False(await queue.WaitAsync(Tests.Workers.Stop));
    }

    void Add(TenantId tenant, params string[] items)
    {
        foreach (var item in items)
            Assert.True(queue.TryAdd(tenant, item));
    }

    string Take() => queue.TryTake(out var item) ? item : "nothing";

    List<string> TakeAll()
    {
        var all = new List<string>();
        while (queue.TryTake(out var item))
            all.Add(item);
        return all;
    }

    sealed class HandClock : TimeProvider
    {
        long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(TimeSpan time) => now += time.Ticks;
    }
}
