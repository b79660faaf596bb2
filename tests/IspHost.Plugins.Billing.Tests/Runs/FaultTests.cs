using IspHost.Sdk;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Rating;
using IspHost.Sdk.Taxes;
using IspHost.Testing;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>Whatever fails in a run, it ends in the same books.</summary>
public sealed class FaultTests(PostgresFixture postgres)
{
    [Fact]
    public async Task An_account_that_cannot_be_billed_is_parked_and_the_others_go_on()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 5);
        var bad = world.Shop.Register();
        var version = Terms.From(2026, 10, 1);
        var signed = world.Shop.Sign(bad, version with { Price = version.Price with { IntervalMonths = 0 } });

        var run = await world.BillAsync("2026-10");

        Assert.Equal(("done", new(0, 0, 5, 1, 0)), (run.State, run.Accounts));
        Assert.Equal(bad.Id, Assert.Single(run.Parked).Customer);
        Assert.Contains("months", run.Parked[0].Reason, StringComparison.Ordinal);

        world.Shop.Replace(signed, version with { Customer = bad.Id });
        Assert.Equal(new(0, 0, 6, 0, 0), (await world.RetryAsync("2026-10")).Accounts);
        Assert.Equal(6, (await world.InvoicesAsync()).Count);
        await world.HoldsAsync();
    }

    [Fact]
    public async Task A_parked_account_is_left_alone_by_the_next_runs()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var customer = world.Shop.Register();
        var version = Terms.From(2026, 10, 1);
        var bad = world.Shop.Sign(customer, version with { Price = version.Price with { IntervalMonths = 0 } });
        await world.BillAsync("2026-10");
        world.Shop.Replace(bad, version with { Customer = customer.Id });

        var run = await world.BillAsync("2026-11");
        Assert.StartsWith("The account is parked: ", run.Parked.Single().Reason, StringComparison.Ordinal);

        await world.RetryAsync("2026-11");
        Assert.Equal(["Fiber 100 2026-10-01/2026-11-01 3000", "Fiber 100 2026-11-01/2026-12-01 3000"], await world.LinesAsync());
        await world.HoldsAsync();
    }

    [Fact]
    public async Task What_the_database_refuses_of_one_account_does_not_touch_the_others()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 5);
        // More than a transfer may move.
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, price: 90_000_000_000_000m));

        var run = await world.BillAsync("2026-10");

        Assert.Equal(new(0, 0, 5, 1, 0), run.Accounts);
        Assert.Contains("23514", run.Parked.Single().Reason, StringComparison.Ordinal);
        await world.HoldsAsync();
    }

    [Fact]
    public async Task Overlapping_contracts_are_refused_by_the_database_and_parked()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 2);
        var customer = world.Shop.Register();
        var first = world.Shop.Sign(customer, Terms.From(2026, 10, 1));
        world.Shop.Sign(customer, Terms.From(2026, 10, 20) with { Subscription = first.Subscription });

        var run = await world.BillAsync("2026-10");

        Assert.Equal(new(0, 0, 2, 1, 0), run.Accounts);
        Assert.Contains("never_billed_twice", run.Parked.Single().Reason, StringComparison.Ordinal);
        await world.HoldsAsync();
    }

    [Fact]
    public async Task Nothing_is_issued_while_the_tax_engine_is_down_and_all_of_it_once_it_is_up()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 3);
        world.Extensions.Tax.Down = new ExtensionUnavailableException("tax", "vat", "it is failing");

        await world.BillAsync("2026-10");
        var job = await world.Jobs.FindAsync(world.Tenant, BillRunJob.Name, "2026-10", BillingWorld.Stop);
        Assert.StartsWith("3 accounts wait for their taxes", job!.Error, StringComparison.Ordinal);
        Assert.Empty(await world.InvoicesAsync());
        var waiting = await FindAsync(world);
        Assert.Equal(("open", new(0, 3, 0, 0, 0)), (waiting.State, waiting.Accounts));
        Assert.Equal(["tax_pending", "tax_pending", "tax_pending"], waiting.Held.Select(held => held.Reason));

        world.Extensions.Tax.Down = null;
        var run = await world.BillAsync("2026-10");

        Assert.Equal(("done", new(0, 0, 3, 0, 0)), (run.State, run.Accounts));
        Assert.Empty(run.Held);
        Assert.All(await world.InvoicesAsync(), issued => Assert.Equal(720, issued.Invoice.TaxMinor));
        await world.HoldsAsync();
    }

    [Fact]
    public async Task An_account_whose_price_has_to_wait_is_billed_whole_once_it_has_one_and_the_others_at_once()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 2);
        Metered(world);
        world.Extensions.AddRule("crowded", _ => new RatingOutcome.Later("SBX206", "over its share"));

        var waiting = await world.BillAsync("2026-10");
        Assert.Equal(("open", new(1, 0, 2, 0, 0)), (waiting.State, waiting.Accounts));
        Assert.Empty(waiting.Held);
        var job = await world.Jobs.FindAsync(world.Tenant, BillRunJob.Name, "2026-10", BillingWorld.Stop);
        Assert.Equal("1 accounts wait for their prices: SBX206: over its share", job!.Error);

        world.Extensions.AddRule("crowded", item => new RatingOutcome.Rated(item.Quantity));
        var run = await world.BillAsync("2026-10");

        Assert.Equal(("done", new(0, 0, 3, 0, 0)), (run.State, run.Accounts));
        Assert.Contains("Fiber 100: data 2026-10-01/2026-11-01 300", await world.LinesAsync());
        Assert.Equal(3, (await world.InvoicesAsync()).Count);
        await world.HoldsAsync();
    }

    [Fact]
    public async Task A_price_that_never_comes_is_not_waited_for_for_ever()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Metered(world);
        var asked = 0;
        world.Extensions.AddRule("crowded", _ => new RatingOutcome.Later("SBX206", $"over its share {++asked}"));

        var run = await world.BillAsync("2026-10");
        while (run.State == "open" && asked < 20)
            run = await world.BillAsync("2026-10");

        Assert.Equal(("done", 11), (run.State, asked));
        Assert.Equal(("rule_failed", "SBX206: over its share 11"), (run.Held.Single().Reason, run.Held.Single().Detail));
        Assert.Equal(["Fiber 100 2026-10-01/2026-11-01 3000"], await world.LinesAsync());
    }

    [Fact]
    public async Task An_answer_that_forgets_a_line_is_no_answer()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 1);
        world.Extensions.Tax.Twist = _ => new TaxQuote.Quoted([]);

        await world.BillAsync("2026-10");

        Assert.Empty(await world.InvoicesAsync());
        Assert.Equal("The tax engine forgot line 1.", (await FindAsync(world)).Held.Single().Detail);
    }

    [Fact]
    public async Task An_account_whose_taxes_are_refused_is_parked_and_the_others_go_on()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 5);
        var version = Terms.From(2026, 10, 1);
        world.Shop.Sign(world.Shop.Register(), version with { Price = version.Price with { TaxClass = "telecom" } });
        world.Extensions.Tax.Objection = document => document.Lines.FirstOrDefault(line => line.TaxClass == "telecom") is { } line
            ? new("tax_class", "There is no tax class 'telecom'.", line.Id)
            : null;

        var run = await world.BillAsync("2026-10");

        Assert.Equal(("done", new(0, 0, 5, 1, 0)), (run.State, run.Accounts));
        Assert.Equal("No tax can be computed (tax_class, line 1): There is no tax class 'telecom'.", run.Parked.Single().Reason);
        await world.HoldsAsync();
    }

    [Fact]
    public async Task Many_runners_on_one_run_bill_each_account_once()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 450);
        world.Shop.Clock = NodaTime.Instant.FromUtc(2026, 11, 1, 6, 0);
        var run = RunOf(world, "2026-10");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => DriveAsync(world.Get<BillRunJob>(), run), BillingWorld.Stop)));

        Assert.Equal(("done", new(0, 0, 450, 0, 0)), ((await FindAsync(world)).State, (await FindAsync(world)).Accounts));
        Assert.Equal(450, (await world.InvoicesAsync()).Select(issued => issued.Invoice.Customer).Distinct().Count());
        await world.HoldsAsync();
    }

    [Fact]
    public async Task Runs_of_two_months_at_once_bill_each_day_once()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        for (var i = 0; i < 60; i++)
            world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, usage: Terms.Metered()));
        world.Shop.Clock = NodaTime.Instant.FromUtc(2026, 12, 1, 6, 0);

        await Task.WhenAll(((string[])["2026-10", "2026-11"]).Select(period => Task.Run(
            () => DriveAsync(world.Get<BillRunJob>(), RunOf(world, period)), BillingWorld.Stop)));

        Assert.Equal(240, (await world.LinesAsync()).Length);
        Assert.Equal(0, (await FindAsync(world)).Accounts.Parked);
        await world.HoldsAsync();
    }

    [Fact]
    public async Task A_node_killed_before_any_statement_of_a_run_bills_each_account_exactly_once()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 30);
        world.Shop.Clock = NodaTime.Instant.FromUtc(2026, 11, 1, 6, 0);
        using var crash = new CrashAfter();
        var run = RunOf(world, "2026-10");
        await world.Get<BillRunJob>().PrepareAsync(run, BillingWorld.Stop);

        var (crashes, leases) = (0, 0);
        for (var statement = 1; await crash.AtAsync(world, statement, () => DriveAsync(world.Get<BillRunJob>(), run)); statement++)
        {
            crashes++;
            await world.HoldsAsync();
            leases += await LeasesRunOutAsync(world) > 0 ? 1 : 0;
        }

        Assert.Equal(("done", new(0, 0, 30, 0, 0)), ((await FindAsync(world)).State, (await FindAsync(world)).Accounts));
        Assert.Equal(30, (await world.InvoicesAsync()).Count);
        Assert.Equal(30, (await world.EventsAsync()).Length);
        Assert.True(crashes >= 20, $"The run was killed only {crashes} times.");
        Assert.True(leases >= 10, $"Only {leases} of the killed runs had taken their partition.");
        await world.HoldsAsync();
    }

    [Fact]
    public async Task What_a_killed_runner_had_taken_is_billed_by_another_when_its_lease_runs_out_and_by_the_first_no_more()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 3);
        world.Shop.Clock = NodaTime.Instant.FromUtc(2026, 11, 1, 6, 0);
        await world.Get<BillRunJob>().PrepareAsync(RunOf(world, "2026-10"), BillingWorld.Stop);
        var first = (await ClaimAsync(world))!;

        Assert.Null(await ClaimAsync(world));
        Assert.Equal(1, await LeasesRunOutAsync(world));
        var second = (await ClaimAsync(world))!;
        Assert.Equal(first.Items, second.Items);

        await BillAsync(world, first);
        Assert.Empty(await world.InvoicesAsync());
        await BillAsync(world, second);
        Assert.Equal(3, (await world.InvoicesAsync()).Count);
        await BillAsync(world, first);
        Assert.Equal(3, (await world.InvoicesAsync()).Count);
        Assert.Empty((await ClaimAsync(world))!.Items);
        await world.HoldsAsync();
    }

    [Fact]
    public async Task Pieces_of_many_tenants_wait_for_their_taxes_at_once_on_fewer_connections_than_there_are_pieces()
    {
        const int Tenants = 8;
        var worlds = await BillingWorld.OpenManyAsync(postgres, Tenants, connections: 2);
        await using var owner = worlds[0];
        var asked = 0;
        var allAsk = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var world in worlds)
        {
            Customers(world, 1);
            world.Extensions.Tax.Think = () =>
            {
                if (Interlocked.Increment(ref asked) == Tenants)
                    allAsk.SetResult();
                return allAsk.Task.WaitAsync(TimeSpan.FromMinutes(1), BillingWorld.Stop);
            };
        }

        var runs = await Task.WhenAll(worlds.Select(world => Task.Run(() => world.BillAsync("2026-10"), BillingWorld.Stop)));

        Assert.All(runs, run => Assert.Equal(("done", new(0, 0, 1, 0, 0)), (run.State, run.Accounts)));
    }

    [Fact]
    public async Task A_host_service_that_fails_fails_the_piece_and_parks_nobody()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        Customers(world, 3);
        world.Shop.Broken = new TimeoutException("the directory does not answer");
        await Assert.ThrowsAsync<TimeoutException>(() => world.BillAsync("2026-10"));

        world.Shop.Broken = null;
        Assert.Equal(new(0, 0, 3, 0, 0), (await world.BillAsync("2026-10")).Accounts);
    }

    [Fact]
    public async Task Every_invoice_is_announced_once_with_its_total()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var customer = world.Shop.Register();
        world.Shop.Sign(customer, Terms.From(2026, 10, 1));

        await world.BillAsync("2026-10");

        var happened = Assert.Single(await world.EventsAsync());
        Assert.Equal(
            (customer.Id, "A-0000001", "37.20 EUR", new NodaTime.LocalDate(2026, 11, 15)),
            (happened.Customer, happened.Number, happened.Total.ToString(), happened.Due));
    }

    [Fact]
    public async Task A_period_that_is_not_over_is_refused()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        // Half past nine in the evening of 31 October in London is half past eleven in Athens.
        world.Shop.Clock = NodaTime.Instant.FromUtc(2026, 10, 31, 21, 30);

        var refused = await Assert.ThrowsAsync<JobRefusedException>(
            () => world.Get<BillRunJob>().PrepareAsync(RunOf(world, "2026-10"), BillingWorld.Stop));

        Assert.Equal("The period 2026-10 is not over.", refused.Message);
    }

    /// <summary>As if the time of all leases had passed.</summary>
    /// <returns>How many partitions were taken.</returns>
    static Task<int> LeasesRunOutAsync(BillingWorld world)
        => world.ExecuteAsync("update billing.bill_run_lease set ends_at = '-infinity' where ends_at <> '-infinity'");

    static async Task<Claim?> ClaimAsync(BillingWorld world)
        => await world.Get<Pieces>().ClaimAsync(world.Shop.Tenant, await RunAsync(world), partition: 0, BillingWorld.Stop);

    static async Task BillAsync(BillingWorld world, Claim claim)
        => await world.Get<Pieces>().BillAsync(world.Shop.Tenant, await RunAsync(world), claim, BillingWorld.Stop);

    static async Task<BillRun> RunAsync(BillingWorld world)
        => (await world.Billing.OnConnectionAsync(
            world.Tenant, (connection, stop) => BillRun.FindAsync(connection, world.Tenant, DateRange.Month(new(2026, 10)), stop),
            BillingWorld.Stop))!;

    /// <summary>A customer who has used 3 GB, which the rule "crowded" prices.</summary>
    static void Metered(BillingWorld world)
    {
        var version = world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, usage: Terms.Metered("crowded")));
        world.Shop.Use(version.Subscription, new(2026, 10, 5), 3);
    }

    static void Customers(BillingWorld world, int count)
    {
        for (var i = 0; i < count; i++)
            world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));
    }

    static JobRun RunOf(BillingWorld world, string period) => new() { Tenant = world.Tenant, Key = period, Argument = period };

    static async Task DriveAsync(BillRunJob job, JobRun run)
    {
        var partitions = await job.PrepareAsync(run, BillingWorld.Stop);
        for (var partition = 0; partition < partitions; partition++)
        {
            while (await job.RunAsync(run, partition, BillingWorld.Stop) is JobStep.More)
            {
            }
        }
        await job.FinishAsync(run, BillingWorld.Stop);
    }

    static async Task<RunView> FindAsync(BillingWorld world)
        => (await world.Get<BillRuns>().FindAsync(world.Tenant, DateRange.Month(new(2026, 10)), BillingWorld.Stop))!;
}
