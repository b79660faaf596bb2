using System.Net.Http.Json;
using System.Text.Json;
using IspHost.Testing;
using Npgsql;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>The check of the books finds what was done behind the back of the constraints.</summary>
public sealed class BooksTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("Every account of a run has exactly one result.", "update billing.bill_run_item set state = 'nothing'")]
    [InlineData("Nothing is billed twice.", """
        alter table billing.obligation drop constraint never_billed_twice, drop constraint usage_never_billed_twice;
        update billing.obligation set period = daterange('2026-10-01', '2026-12-10') where period = daterange('2026-10-01', '2026-11-01')
        """)]
    [InlineData("Every line has its obligation.", "delete from billing.obligation where component = 'usage'")]
    [InlineData("Lines and taxes add up to their invoice.", "update billing.invoice_tax set amount_minor = amount_minor + 1")]
    [InlineData("Every invoice is in the ledger with its total.", "update billing.transfer set amount_minor = amount_minor + 1")]
    [InlineData("Every journal of an invoice has its invoice.", """
        insert into billing.journal (tenant_id, id, kind, currency, effective_on)
        select tenant_id, gen_random_uuid(), 'invoice', currency, effective_on from billing.journal limit 1
        """)]
    [InlineData("The books balance.", "update billing.transfer set credit_account = gen_random_uuid()")]
    [InlineData("Numbers have no gap.", "delete from billing.invoice_number where number = 1")]
    [InlineData("A series ends where its numbers end.", "update billing.invoice_series set last_number = 7")]
    [InlineData("Every hash follows from the one before and the content.", "update billing.invoice set content_hash = sha256('x')")]
    public async Task The_check_notices_that(string invariant, string crime)
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, usage: Terms.Metered()));
        await world.BillAsync("2026-10");
        await world.BillAsync("2026-11");
        await world.HoldsAsync();

        // Triggers are what foreign keys are made of: without them the crime goes through.
        await world.TamperAsync($"set session_replication_role = replica; {crime}");

        var broken = (await world.CheckAsync()).Invariants.Where(found => found.Violations > 0).Select(found => found.Name);
        Assert.Contains(invariant, broken);
    }

    [Fact]
    public async Task The_check_compares_no_row_with_each_other_even_where_nothing_has_been_counted_yet()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);

        var plan = await world.Get<LargeReads>().ReadAsync(world.Tenant, (connection, stop) => connection.ReadAsync(
            $"explain {Books.Statement}", [Statements.Arg(world.Tenant.Value)], row => row.GetString(0), stop), BillingWorld.Stop);

        Assert.DoesNotContain(plan!, line => line.Contains("Nested Loop", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ledger/check", "billing.obligation")]
    [InlineData("ledger/trial-balance", "billing.transfer")]
    public async Task A_ledger_that_cannot_be_read_in_time_is_said_to_be_too_large(string path, string table)
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        await using var api = await BillingApi.OpenAsync(world, new LargeReads(world.Billing) { Limit = TimeSpan.FromMilliseconds(50) });
        await using var source = NpgsqlDataSource.Create(world.Database.OwnerConnection);
        await using var other = await source.OpenConnectionAsync(BillingWorld.Stop);
        await using var transaction = await other.BeginTransactionAsync(BillingWorld.Stop);
        await using (var takes = new NpgsqlCommand($"lock {table}", other))
            await takes.ExecuteNonQueryAsync(BillingWorld.Stop);

        using var late = await api.GetAsync(path);
        await transaction.RollbackAsync(BillingWorld.Stop);

        var problem = await late.Content.ReadFromJsonAsync<JsonElement>(BillingWorld.Stop);
        Assert.Equal((503, "60"), ((int)late.StatusCode, late.Headers.RetryAfter?.ToString()));
        Assert.Equal("/problems/ledger-too-large", problem.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Balances_come_from_the_transfers()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var customer = world.Shop.Register();
        world.Shop.Sign(customer, Terms.From(2026, 10, 1));
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, price: 10m));
        await world.BillAsync("2026-10");
        await world.BillAsync("2026-11");

        var (balance, trial) = await world.Billing.OnConnectionAsync(world.Tenant, async (connection, stop) => (
            await Balances.OfAsync(connection, world.Tenant, customer.Id, stop),
            await Balances.TrialAsync(connection, world.Tenant, stop)), BillingWorld.Stop);

        Assert.Equal(["74.40 EUR"], balance.Balances.Select(money => money.ToString()));
        Assert.Equal(
            ["receivable 99.20 EUR 0.00 EUR", "revenue 0.00 EUR 80.00 EUR", "tax:GR 0.00 EUR 19.20 EUR"],
            trial.Accounts.Select(row => $"{row.Code} {row.Debit} {row.Credit}"));
    }
}
