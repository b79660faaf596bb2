using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IspHost.Sdk;
using IspHost.Sdk.Testing;
using IspHost.Testing;

namespace IspHost.Plugins.Billing.Tests;

public sealed class EndpointTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_run_is_started_over_http_and_can_be_looked_at()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        await using var api = await BillingApi.OpenAsync(world);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));

        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("bill-runs/2026-10")).StatusCode);
        var started = await api.PostAsync("bill-runs", """{ "period": "2026-10" }""");
        await world.Jobs.RunAllAsync(BillingWorld.Stop);

        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var run = await api.JsonAsync("bill-runs/2026-10");
        Assert.Equal(("2026-10", "done"), (run.GetProperty("period").GetString(), run.GetProperty("state").GetString()));
        Assert.Equal(1, run.GetProperty("accounts").GetProperty("done").GetInt32());
        Assert.Equal("""{"amount":"37.20","currency":"EUR"}""", run.GetProperty("totals")[0].GetProperty("total").GetRawText());
        Assert.Equal("2026-10", (await api.JsonAsync("bill-runs")).GetProperty("items")[0].GetProperty("period").GetString());
    }

    [Fact]
    public async Task A_run_may_be_waited_for()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        await using var api = await BillingApi.OpenAsync(world);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));

        var tooShort = await api.PostAsync("bill-runs", """{ "period": "2026-10" }""", "return=representation, wait=1");
        var waiting = api.PostAsync("bill-runs", """{ "period": "2026-10" }""", "wait=20");
        await world.Jobs.RunAllAsync(BillingWorld.Stop);

        Assert.Equal(HttpStatusCode.Accepted, tooShort.StatusCode);
        Assert.Equal(["wait=1"], tooShort.Headers.GetValues("Preference-Applied"));
        var done = await waiting;
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        Assert.Equal("done", (await done.Content.ReadFromJsonAsync<JsonElement>(BillingWorld.Stop)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_run_that_has_ended_knows_what_came_of_it_and_is_not_counted_again()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        await using var api = await BillingApi.OpenAsync(world);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));
        var version = Terms.From(2026, 10, 1);
        var customer = world.Shop.Register();
        var bad = world.Shop.Sign(customer, version with { Price = version.Price with { IntervalMonths = 0 } });
        await world.BillAsync("2026-10");
        await world.TamperAsync("update billing.bill_run_item set state = 'nothing', reason = null");

        var run = (await api.JsonAsync("bill-runs")).GetProperty("items")[0];
        Assert.Equal("""{"todo":0,"tax_pending":0,"done":1,"parked":1,"nothing":0}""", run.GetProperty("accounts").GetRawText());
        Assert.Equal("37.20", run.GetProperty("totals")[0].GetProperty("total").GetProperty("amount").GetString());

        await world.TamperAsync(
            $"update billing.bill_run_item set state = 'parked', reason = 'months' where customer_id = '{customer.Id}'");
        world.Shop.Replace(bad, version with { Customer = customer.Id });
        Assert.Equal(new RunCounts(0, 0, 1, 0, 1), (await world.RetryAsync("2026-10")).Accounts);
    }

    [Theory]
    [InlineData("""{ "period": "October" }""", 400, "/problems/invalid-field")]
    [InlineData("""{ "period": null }""", 400, "/problems/invalid-field")]
    [InlineData("""{}""", 400, "/problems/invalid-field")]
    [InlineData("""nonsense""", 400, "/problems/invalid-field")]
    [InlineData("""{ "period": "2026-11" }""", 409, "/problems/period-not-over")]
    public async Task A_run_that_cannot_be_is_refused_with_a_problem(string body, int status, string type)
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        await using var api = await BillingApi.OpenAsync(world);

        var answer = await api.PostAsync("bill-runs", body);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(BillingWorld.Stop);
        Assert.Equal((status, type), ((int)answer.StatusCode, problem.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Invoices_are_listed_by_pages_and_filters()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        await using var api = await BillingApi.OpenAsync(world);
        var customer = world.Shop.Register();
        world.Shop.Sign(customer, Terms.From(2026, 9, 1));
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));
        await world.BillAsync("2026-09");
        await world.BillAsync("2026-10");

        Assert.Equal(3, Numbers(await api.JsonAsync("invoices")).Length);
        Assert.Equal(2, Numbers(await api.JsonAsync($"invoices?customer={customer.Id}")).Length);
        Assert.Equal(["A-0000001"], Numbers(await api.JsonAsync("invoices?period=2026-09")));
        var first = await api.JsonAsync("invoices?limit=2");
        var second = await api.JsonAsync($"invoices?limit=2&cursor={first.GetProperty("next").GetString()}");
        Assert.Equal(2, Numbers(first).Length);
        Assert.Equal(["A-0000001"], Numbers(second));
        Assert.False(second.TryGetProperty("next", out _));
        Assert.Equal(Numbers(await api.JsonAsync("invoices")).Reverse(), Numbers(await api.JsonAsync("invoices?sort=issued")));
        var oldest = await api.JsonAsync("invoices?sort=issued&limit=1");
        Assert.Equal(
            HttpStatusCode.BadRequest, (await api.GetAsync($"invoices?cursor={oldest.GetProperty("next").GetString()}")).StatusCode);
    }

    [Fact]
    public async Task An_invoice_can_be_read_and_downloaded()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        await using var api = await BillingApi.OpenAsync(world);
        var version = world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, usage: Terms.Metered()));
        world.Shop.Use(version.Subscription, new(2026, 10, 4), 3);
        await world.BillAsync("2026-10");
        var id = (await world.InvoicesAsync())[0].Invoice.Id;

        var invoice = await api.JsonAsync($"invoices/{id}");
        var pdf = await api.GetAsync($"invoices/{id}/pdf");

        var line = invoice.GetProperty("lines")[1];
        Assert.Equal("3", line.GetProperty("quantity").GetString());
        Assert.Equal(3_000_000_000, line.GetProperty("usage_bytes").GetInt64());
        Assert.Equal("""{"amount":"1.50","currency":"EUR"}""", line.GetProperty("net").GetRawText());
        Assert.Equal(64, line.GetProperty("inputs_digest").GetString()!.Length);
        Assert.Equal(("application/pdf", "invoice-A-0000001.pdf"), (
            pdf.Content.Headers.ContentType!.MediaType, pdf.Content.Headers.ContentDisposition!.FileName));
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"invoices/{Guid.NewGuid()}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"invoices/{Guid.NewGuid()}/pdf")).StatusCode);
    }

    [Fact]
    public async Task The_ledger_answers_for_a_customer_and_for_all()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        await using var api = await BillingApi.OpenAsync(world);
        var customer = world.Shop.Register();
        world.Shop.Sign(customer, Terms.From(2026, 10, 1));
        await world.BillAsync("2026-10");

        var balance = await api.JsonAsync($"accounts/{customer.Id}/balance");
        Assert.Equal("37.20", balance.GetProperty("balances")[0].GetProperty("amount").GetString());
        Assert.Equal(3, (await api.JsonAsync("ledger/trial-balance")).GetProperty("accounts").GetArrayLength());
        Assert.True((await api.JsonAsync("ledger/check")).GetProperty("holds").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"accounts/{CustomerId.New()}/balance")).StatusCode);
    }

    [Fact]
    public async Task The_panel_shows_the_last_runs()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));
        await world.BillAsync("2026-10");

        var panel = await world.Get<BillRunPanel>().ReadAsync(BillingWorld.Stop);

        Assert.Equal(["acme", "2026-10", "done", "1 of 1", "0", "1", "37.20 EUR"], Assert.Single(panel.Rows));
    }

    [Fact]
    public async Task The_panel_asks_the_database_as_often_however_many_tenants_there_are()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));
        await world.BillAsync("2026-10");
        var tenants = new FakeTenants(world.Shop.Clock);
        tenants.Add(world.Shop.Tenant);
        for (var i = 0; i < 500; i++)
            tenants.Add($"tenant-{i}");
        var panel = new BillRunPanel(world.Database.OfPlugin("billing"), world.Billing, tenants, world.Get<RunViews>());
        using var crash = new CrashAfter();

        Assert.False(await crash.AtAsync(world, statement: 20, async () => Assert.Single((await panel.ReadAsync(BillingWorld.Stop)).Rows)));
    }

    static string?[] Numbers(JsonElement page)
        => [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("number").GetString())];
}
