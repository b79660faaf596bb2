using IspHost.Sdk;
using IspHost.Sdk.Events;
using IspHost.Testing;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>What billing says about usage, and when documents go.</summary>
public sealed class RetentionTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Usage_has_been_billed_for_the_days_of_its_obligations_alone()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var version = world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 9, 15, usage: Terms.Metered()));
        await world.BillAsync("2026-10");

        Assert.Equal(
            (true, false, false),
            (
                await IsBilledAsync(world, version.Subscription, "2026-09-15", "2026-11-01"),
                await IsBilledAsync(world, version.Subscription, "2026-09-15", "2026-11-02"),
                await IsBilledAsync(world, SubscriptionId.New(), "2026-09-15", "2026-09-16")));
    }

    [Fact]
    public async Task Documents_stay_until_they_are_old_and_paid()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var (pays, owes) = (world.Shop.Register(), world.Shop.Register());
        foreach (var customer in new[] { pays, owes })
            world.Shop.Sign(customer, Terms.From(2026, 10, 1));
        await world.BillAsync("2026-10");
        foreach (var happened in await world.EventsAsync())
            await world.Get<InvoiceMail>().HandleAsync(
                new EventContext { Tenant = world.Tenant, Id = Guid.NewGuid(), At = world.Shop.Clock }, happened, BillingWorld.Stop);
        await PayAsync(world, pays.Id);

        Assert.Equal(0, await ForgetAsync(world, "2026-11-01"));
        Assert.Equal(1, await ForgetAsync(world, "2030-01-01"));
        Assert.Equal(owes.Id.Value, await world.Database.ScalarAsync<Guid>(
            "select i.customer_id from billing.document d join billing.invoice i on i.id = d.invoice_id"));
    }

    static async Task<bool> IsBilledAsync(BillingWorld world, SubscriptionId service, string from, string to)
        => (await world.Billing.OnConnectionAsync(world.Tenant, (connection, stop) => connection.ReadAsync(
            $"select billing.is_billed('{service}', daterange('{from}', '{to}'))", [], row => row.GetBoolean(0), stop), BillingWorld.Stop))
            .Single();

    static async Task<int> ForgetAsync(BillingWorld world, string before)
        => (await world.Host.OnConnectionAsync(world.Tenant, (connection, stop) => connection.ReadAsync(
            $"select billing.forget_documents('{before}', 100)", [], row => row.GetInt32(0), stop), BillingWorld.Stop)).Single();

    /// <summary>Books what the customer owes backwards: there are no payments yet.</summary>
    static Task PayAsync(BillingWorld world, CustomerId customer) => world.TamperAsync($"""
        insert into billing.transfer (tenant_id, journal_id, line_no, currency, debit_account, credit_account, amount_minor)
        select t.tenant_id, t.journal_id, t.line_no + 100, t.currency, t.credit_account, t.debit_account, t.amount_minor
        from billing.transfer t join billing.ledger_account a on a.id = t.debit_account where a.customer_id = '{customer}'
        """);
}
