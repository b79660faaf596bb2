namespace IspHost.PluginRuntime.Tests;

public sealed class BulkheadTests
{
    static readonly (TenantId A, TenantId B, TenantId C) Tenants = (TenantId.New(), TenantId.New(), TenantId.New());

    [Fact]
    public void A_tenant_alone_gets_half_of_the_places_and_the_next_half_of_the_rest()
    {
        var bulkhead = new Bulkhead(16, mostWaiting: 100);

        Assert.Equal(
            [8, 4, 2, 1, 1],
            Enumerable.Range(0, 5).Select(_ => TenantId.New()).Select(tenant => Entered(bulkhead, tenant, calls: 16).Count(IsInside)));
    }

    [Fact]
    public async Task A_tenant_that_fills_its_share_waits_alone()
    {
        var bulkhead = new Bulkhead(4, mostWaiting: 100);
        var greedy = Entered(bulkhead, Tenants.A, calls: 3);
        Assert.Equal([true, true, false], greedy.Select(IsInside));

        Assert.True(IsInside(Enter(bulkhead, Tenants.B)));

        bulkhead.Leave(Tenants.A);
        Assert.True(await greedy[2]);
    }

    [Fact]
    public async Task Tenants_that_wait_take_turns()
    {
        var bulkhead = new Bulkhead(1, mostWaiting: 100);
        Assert.True(IsInside(Enter(bulkhead, Tenants.C)));
        var many = Entered(bulkhead, Tenants.A, calls: 3);
        var one = Enter(bulkhead, Tenants.B);

        bulkhead.Leave(Tenants.C);
        Assert.True(await many[0]);
        bulkhead.Leave(Tenants.A);
        Assert.True(await one);
        Assert.False(many[1].IsCompleted);
        bulkhead.Leave(Tenants.B);
        Assert.True(await many[1]);
        Assert.False(many[2].IsCompleted);
    }

    [Fact]
    public async Task Who_gives_up_loses_the_turn_and_leaves_nothing_behind()
    {
        var bulkhead = new Bulkhead(1, mostWaiting: 100);
        _ = Enter(bulkhead, Tenants.C);
        using var patience = new CancellationTokenSource();
        var impatient = bulkhead.EnterAsync(Tenants.A, patience.Token).AsTask();
        var patient = Enter(bulkhead, Tenants.B);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.Equal(2, bulkhead.Tenants);

        bulkhead.Leave(Tenants.C);
        Assert.True(await patient);
        bulkhead.Leave(Tenants.B);
        Assert.Equal(0, bulkhead.Tenants);
    }

    [Fact]
    public async Task Too_many_that_wait_for_one_tenant_are_turned_away()
    {
        var bulkhead = new Bulkhead(1, mostWaiting: 2);
        var calls = Entered(bulkhead, Tenants.A, calls: 4);

        Assert.Equal([true, false, false, true], calls.Select(call => call.IsCompleted));
        Assert.False(await calls[3]);
    }

    [Fact]
    public async Task Whoever_was_inside_is_forgotten()
    {
        var bulkhead = new Bulkhead(64, mostWaiting: 100);
        await Parallel.ForAsync(0, 10_000, TestHost.Stop, async (_, stop) =>
        {
            var tenant = TenantId.New();
            await bulkhead.EnterAsync(tenant, stop);
            await Task.Yield();
            bulkhead.Leave(tenant);
        });

        Assert.Equal(0, bulkhead.Tenants);
        Assert.Equal(32, Entered(bulkhead, Tenants.A, calls: 64).Count(IsInside));
    }

    static Task<bool> Enter(Bulkhead bulkhead, TenantId tenant) => bulkhead.EnterAsync(tenant, TestHost.Stop).AsTask();

    static Task<bool>[] Entered(Bulkhead bulkhead, TenantId tenant, int calls)
        => [.. Enumerable.Range(0, calls).Select(_ => Enter(bulkhead, tenant))];

    /// <summary>Who finds a place free is inside at once.</summary>
    static bool IsInside(Task<bool> call) => call.IsCompletedSuccessfully;
}
