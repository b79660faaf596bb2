using IspHost.Sdk;
using IspHost.Testing;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>Requests about runs, each of which is sent again when no answer came.</summary>
public sealed class RequestTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_request_to_start_a_run_that_is_killed_anywhere_and_repeated_starts_one()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));
        using var crash = new CrashAfter();
        var month = DateRange.Month(new(2026, 10));
        Task StartAsync() => world.Get<BillRuns>().StartAsync(world.Tenant, month, BillingWorld.Stop);

        var crashes = 0;
        for (var statement = 1; await crash.AtAsync(world, statement, StartAsync); statement++, crashes++)
            await StartAsync();

        Assert.True(crashes >= 4, $"The request was killed only {crashes} times.");
        Assert.Equal(1L, await world.Database.ScalarAsync<long>("select count(*) from billing.bill_run"));
        Assert.Equal(["2026-10"], world.Jobs.Started.Distinct());
        Assert.Equal(new(0, 0, 1, 0, 0), (await world.BillAsync("2026-10")).Accounts);
    }

    [Fact]
    public async Task A_request_to_bill_what_is_parked_again_that_is_killed_anywhere_and_repeated_is_one_more_attempt()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var customer = world.Shop.Register();
        var version = Terms.From(2026, 10, 1);
        world.Shop.Sign(customer, version with { Price = version.Price with { IntervalMonths = 0 } });
        await world.BillAsync("2026-10");
        using var crash = new CrashAfter();
        var month = DateRange.Month(new(2026, 10));
        Task RetryAsync() => world.Get<BillRuns>().RetryAsync(world.Tenant, month, BillingWorld.Stop);

        var attempt = 1;
        for (var (statement, isKilled) = (1, true); isKilled; statement++, attempt++)
        {
            isKilled = await crash.AtAsync(world, statement, RetryAsync);
            await RetryAsync();
            Assert.Equal(
                (attempt + 1, $"2026-10-retry-{attempt + 1}"),
                ((int)await world.Database.ScalarAsync<short>("select attempt from billing.bill_run"), world.Jobs.Started[^1]));
            await world.Jobs.RunAllAsync(BillingWorld.Stop);
        }

        Assert.True(attempt > 4, $"The request was killed only {attempt} times.");
    }
}
