using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Rating;
using IspHost.Testing;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>Months go by, one after the other, and each run bills what it should and nothing else.</summary>
public sealed class TimelineTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Three_months_of_a_service_with_usage_make_three_invoices()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var version = world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, usage: Terms.Metered()));
        world.Shop.Use(version.Subscription, new(2026, 10, 5), 10);
        world.Shop.Use(version.Subscription, new(2026, 10, 31), 7, hour: 23);
        world.Shop.Use(version.Subscription, new(2026, 11, 1), 4, hour: 0);

        await world.BillAsync("2026-10");
        await world.BillAsync("2026-11");
        await world.BillAsync("2026-12");

        Assert.Equal(
            [
                "Fiber 100 2026-10-01/2026-11-01 3000", "Fiber 100: data 2026-10-01/2026-11-01 850",
                "Fiber 100 2026-11-01/2026-12-01 3000", "Fiber 100: data 2026-11-01/2026-12-01 200",
                "Fiber 100 2026-12-01/2027-01-01 3000", "Fiber 100: data 2026-12-01/2027-01-01 0",
            ], await world.LinesAsync());
        Assert.Equal(["A-0000001", "A-0000002", "A-0000003"], (await world.InvoicesAsync()).Select(issued => issued.Number.ToString()));
        await world.HoldsAsync();
    }

    [Fact]
    public async Task All_usage_is_on_the_lines_to_the_byte()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        for (var i = 0; i < 20; i++)
        {
            var version = world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1 + i, usage: Terms.Metered()));
            world.Shop.Use(version.Subscription, new(2026, 10, 1 + i), i + 1);
            world.Shop.Use(version.Subscription, new(2026, 10, 31), i + 1);
        }

        await world.BillAsync("2026-10");

        Assert.Equal(world.Shop.UsedBytes, (await world.InvoicesAsync()).Sum(issued => issued.Invoice.Lines.Sum(line => line.Bytes)));
        Assert.Equal(420_000_000_000, world.Shop.UsedBytes);
    }

    [Fact]
    public async Task A_run_that_is_started_twice_is_one_run()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));

        await world.BillAsync("2026-10");
        await world.BillAsync("2026-10");

        Assert.Single(await world.InvoicesAsync());
        Assert.Equal(["2026-10", "2026-10"], world.Jobs.Started);
    }

    [Fact]
    public async Task Who_missed_runs_is_billed_for_all_of_them_once()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 8, 15, anchor: new(2026, 8, 1)));

        await world.BillAsync("2026-10");
        await world.BillAsync("2026-10");
        await world.BillAsync("2026-09");

        Assert.Equal(
            [
                "Fiber 100 2026-08-15/2026-09-01 1645", "Fiber 100 2026-09-01/2026-10-01 3000", "Fiber 100 2026-10-01/2026-11-01 3000",
            ], await world.LinesAsync());
    }

    [Fact]
    public async Task An_anchor_on_the_31st_stays_there()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2027, 1, 31, timing: CollectionTiming.Advance, anchor: new(2027, 1, 31)));

        foreach (var month in (string[])["2027-01", "2027-02", "2027-03"])
            await world.BillAsync(month);

        Assert.Equal(
            ["Fiber 100 2027-01-31/2027-02-28 3000", "Fiber 100 2027-02-28/2027-03-31 3000", "Fiber 100 2027-03-31/2027-04-30 3000"],
            await world.LinesAsync());
    }

    [Fact]
    public async Task A_change_of_plan_in_the_middle_of_a_month_bills_each_day_once()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var customer = world.Shop.Register();
        var before = world.Shop.Sign(customer, Terms.From(2026, 10, 1) with { To = new(2026, 10, 11) });
        world.Shop.Sign(customer, Terms.From(2026, 10, 11, price: 60m) with { Subscription = before.Subscription, PlanName = "Fiber 500" });

        await world.BillAsync("2026-10");
        await world.BillAsync("2026-11");

        Assert.Equal(
            [
                "Fiber 100 2026-10-01/2026-10-11 968", "Fiber 500 2026-10-11/2026-11-01 4065", "Fiber 500 2026-11-01/2026-12-01 6000",
            ], await world.LinesAsync());
    }

    [Fact]
    public async Task Days_on_hold_are_not_billed()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(
            world.Shop.Register(), Terms.From(2026, 10, 1, price: 31m) with { Holds = [new(new(2026, 10, 10), new(2026, 10, 15))] });

        await world.BillAsync("2026-10");

        Assert.Equal(["Fiber 100 2026-10-01/2026-11-01 2600"], await world.LinesAsync());
        Assert.Equal(new(26, 31), (await world.InvoicesAsync())[0].Invoice.Lines[0].Part);
    }

    [Fact]
    public async Task A_hold_that_began_before_midnight_of_the_month_goes_on_in_the_next()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1) with { Holds = [new(new(2026, 10, 1), new(2026, 11, 16))] });

        Assert.Equal(new(0, 0, 0, 0, 1), (await world.BillAsync("2026-10")).Accounts);
        await world.BillAsync("2026-11");

        Assert.Equal(["Fiber 100 2026-11-01/2026-12-01 1500"], await world.LinesAsync());
    }

    [Fact]
    public async Task Two_currencies_make_two_invoices()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var customer = world.Shop.Register();
        world.Shop.Sign(customer, Terms.From(2026, 10, 1));
        world.Shop.Sign(customer, Terms.From(2026, 10, 1, price: 4000m, currency: IspHost.Sdk.Currency.Of("JPY")));

        var run = await world.BillAsync("2026-10");

        Assert.Equal(["37.20 EUR", "4960 JPY"], run.Totals.Select(total => total.Total.ToString()));
        await world.HoldsAsync();
    }

    [Fact]
    public async Task Late_usage_is_billed_by_the_next_run_at_the_price_of_the_whole()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        // The first 10 GB are free, the rest costs 1.00 each.
        world.Extensions.AddRule("above-ten", item => new RatingOutcome.Rated(Math.Max(0m, item.Quantity - 10m)));
        var version = world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, price: 0m, usage: Terms.Metered("above-ten")));
        world.Shop.Use(version.Subscription, new(2026, 10, 5), 8);
        await world.BillAsync("2026-10");
        world.Shop.Use(version.Subscription, new(2026, 10, 6), 5);

        await world.BillAsync("2026-11");
        await world.BillAsync("2026-12");

        Assert.Equal(
            [
                "Fiber 100: data 2026-10-01/2026-11-01 0",
                "Fiber 100: data reported late 2026-10-01/2026-11-01 300", "Fiber 100: data 2026-11-01/2026-12-01 0",
                "Fiber 100: data 2026-12-01/2027-01-01 0",
            ], await world.LinesAsync());
        Assert.Equal(world.Shop.UsedBytes, (await world.InvoicesAsync()).Sum(issued => issued.Invoice.Lines.Sum(line => line.Bytes)));
        await world.HoldsAsync();
    }

    [Fact]
    public async Task Late_usage_that_makes_the_whole_cheaper_is_held()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Extensions.AddRule("volume", item => new RatingOutcome.Rated(item.Quantity > 10m ? item.Quantity * 0.1m : item.Quantity));
        var version = world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, price: 0m, usage: Terms.Metered("volume")));
        world.Shop.Use(version.Subscription, new(2026, 10, 5), 10);
        await world.BillAsync("2026-10");
        world.Shop.Use(version.Subscription, new(2026, 10, 6), 10);

        var run = await world.BillAsync("2026-11");

        Assert.Equal("negative_correction", run.Held.Single().Reason);
        Assert.Equal("10.00 EUR was charged, 2.00 EUR is owed for all that is known now", run.Held.Single().Detail);
    }

    [Fact]
    public async Task A_missing_price_holds_its_line_and_no_other()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var customer = world.Shop.Register();
        var unpriced = world.Shop.Sign(customer, Terms.From(2026, 10, 1, price: null));
        world.Shop.Sign(customer, Terms.From(2026, 10, 1));

        var run = await world.BillAsync("2026-10");

        Assert.Equal(["Fiber 100 2026-10-01/2026-11-01 3000"], await world.LinesAsync());
        Assert.Equal((unpriced.Subscription, "missing_price"), (run.Held.Single().Subscription, run.Held.Single().Reason));
    }

    [Fact]
    public async Task A_failed_rule_holds_its_line_until_it_works()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Extensions.AddRule("odd", _ => new RatingOutcome.Failed("SBX200", "out of fuel"));
        var version = world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, usage: Terms.Metered("odd")));
        world.Shop.Use(version.Subscription, new(2026, 10, 5), 3);
        Assert.Equal("SBX200: out of fuel", (await world.BillAsync("2026-10")).Held.Single().Detail);

        world.Extensions.AddRule("odd", item => new RatingOutcome.Rated(item.Quantity));
        var again = await world.RetryAsync("2026-10");

        Assert.Empty(again.Held);
        Assert.Equal(["Fiber 100 2026-10-01/2026-11-01 3000", "Fiber 100: data 2026-10-01/2026-11-01 300"], await world.LinesAsync());
        await world.HoldsAsync();
    }

    [Fact]
    public async Task A_rule_that_nobody_offers_holds_its_line()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, usage: Terms.Metered("gone")));

        Assert.Equal("rule_failed", (await world.BillAsync("2026-10")).Held.Single().Reason);
    }

    [Fact]
    public async Task A_contract_that_was_changed_after_it_was_billed_waits_for_a_person()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var customer = world.Shop.Register();
        var version = world.Shop.Sign(customer, Terms.From(2026, 11, 1, timing: CollectionTiming.Advance));
        await world.BillAsync("2026-10");
        world.Shop.Replace(version, version with { To = new(2026, 11, 15) });
        var better = Terms.From(2026, 11, 15, price: 60m, timing: CollectionTiming.Advance);
        world.Shop.Sign(customer, better with { Subscription = version.Subscription });

        var run = await world.BillAsync("2026-11");

        Assert.Equal(["already_billed"], run.Held.Select(held => held.Reason));
        Assert.Equal(
            ["Fiber 100 2026-11-01/2026-12-01 3000", "Fiber 100 2026-12-01/2027-01-01 6000"], await world.LinesAsync());
    }

    [Fact]
    public async Task The_rule_sees_the_customer_as_it_stood_on_the_last_day_of_the_interval()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        RatingItem? seen = null;
        world.Extensions.AddRule("look", item =>
        {
            seen = item;
            return new RatingOutcome.Rated(1m);
        });
        var customer = world.Shop.Register();
        var version = world.Shop.Sign(customer, Terms.From(2026, 10, 1, usage: Terms.Metered("look", rate: 0.25m)));
        world.Shop.Sign(customer, Terms.From(2026, 10, 20) with { PlanCode = "backup" });
        world.Shop.Sign(customer, Terms.From(2026, 9, 1) with { PlanCode = "old", To = new(2026, 10, 31) });
        world.Shop.Use(version.Subscription, new(2026, 10, 25), 2, hour: 3);

        await world.BillAsync("2026-10");

        Assert.Equal((2m, 0.25m, "EUR", "fiber-100"), (seen!.Quantity, seen.Rate, seen.Currency, seen.Plan));
        Assert.Equal((customer.PortalId, 2), (seen.Account.Id, seen.Account.Lines));
        Assert.Equal(["backup", "fiber-100"], seen.Account.Products);
        Assert.Equal(new RatedPeriod(new(2026, 10, 1), new(2026, 11, 1)), seen.Period);
        // The clocks went back at four that morning, so three o'clock came twice; the offset says which one it was.
        Assert.Equal(new UsageEntry(new(2026, 10, 25, 3, 0, 0, TimeSpan.FromHours(3)), "data", "", 0, 2m), Assert.Single(seen.Usage));
    }

    [Fact]
    public async Task A_customer_who_was_not_billed_for_years_makes_nobody_elses_years_be_read()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        for (var i = 0; i < 5; i++)
            world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, usage: Terms.Metered()));
        var old = world.Shop.Sign(world.Shop.Register(), Terms.From(2024, 1, 1, usage: Terms.Metered()));
        world.Shop.Use(old.Subscription, new(2024, 3, 5), 100);
        world.Shop.Use(old.Subscription, new(2026, 10, 5), 10);

        await world.BillAsync("2026-10");

        Assert.Equal(34, world.Shop.UsageRead.Count);
        Assert.All(world.Shop.UsageRead, read => Assert.InRange(read.Days.Days, 28, 31));
        Assert.Equal([(6, DateRange.Month(new(2026, 10)))], world.Shop.UsageRead.Where(read => read.Services > 1));
        Assert.Equal(
            ["Fiber 100: data 2024-03-01/2024-04-01 5000", "Fiber 100: data 2026-10-01/2026-11-01 500"],
            (await world.LinesAsync()).Where(line => line.Contains(": data", StringComparison.Ordinal) && line[^2..] != " 0"));
    }

    [Fact]
    public void Rating_again_gives_the_same_digest()
    {
        var item = UsageItem(3);

        Assert.Equal(InputsDigest.Of(item), InputsDigest.Of(UsageItem(3)));
        Assert.NotEqual(InputsDigest.Of(item), InputsDigest.Of(UsageItem(4)));
    }

    static RatingItem UsageItem(int gigabytes) => new()
    {
        Quantity = gigabytes,
        Rate = 0.5m,
        Currency = "EUR",
        Account = new() { Id = "A", Segment = "residential", ActiveSince = new(2026, 1, 1), Lines = 1, Tags = ["gold"] },
        Period = new(new(2026, 10, 1), new(2026, 11, 1)),
        Usage = [new(new(2026, 10, 25, 3, 0, 0, TimeSpan.FromHours(3)), "data", "", 0, gigabytes)],
    };
}
