using System.Text.Json;
using IspHost.Core.Catalog;
using IspHost.Core.Customers;
using IspHost.Core.Subscriptions;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Server.Client;
using IspHost.Server.Commands;
using NodaTime;

namespace IspHost.Server.Tests;

public sealed class Services_that_begin_later(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    ApiClient Api => server.Operator;

    [Fact]
    public async Task Are_billed_from_the_day_of_their_activation_and_on_that_day_of_the_month()
    {
        var tenant = await server.AddTenantAsync();
        foreach (var plan in new[] { "cheap", "dear" })
            await Api.PostAsync<JsonElement>("plans", tenant, Monthly(plan), Stop);
        await SetClockAsync(tenant, Instant.FromUtc(2026, 1, 1, 9, 0));
        var service = await OrderAsync(tenant, "dear");
        await SetClockAsync(tenant, Instant.FromUtc(2026, 1, 10, 9, 0));
        await Api.PostAsync<JsonElement>($"subscriptions/{service}/change-plan", tenant, new NewPlan { Plan = "cheap" }, Stop);

        await SetClockAsync(tenant, Instant.FromUtc(2026, 1, 20, 9, 0));
        await Api.PostAsync<JsonElement>($"subscriptions/{service}/activate", tenant, new { }, Stop);
        await SetClockAsync(tenant, Instant.FromUtc(2026, 3, 1, 9, 0));

        Assert.Equal([], await BilledAsync(tenant, "2026-01"));
        Assert.Equal([new DateRange(new(2026, 1, 20), new(2026, 2, 20))], await BilledAsync(tenant, "2026-02"));
    }

    async Task<SubscriptionId> OrderAsync(string tenant, string plan)
    {
        var customer = await Api.PostAsync<Sdk.Customers.Customer>(
            "customers", tenant, new CustomerDetails { Name = "A customer" }, Stop);
        var order = new NewSubscription
        {
            Customer = customer.Id,
            Plan = plan,
            UserName = "later",
            Password = "secret",
            Activate = false,
        };
        return (await Api.PostAsync<SubscriptionView>("subscriptions", tenant, order, Stop)).Id;
    }

    Task<TenantView> SetClockAsync(string tenant, Instant now)
        => Api.PutAsync<TenantView>($"tenants/{tenant}/clock", null, new ClockTime(now), Stop);

    /// <summary>The days on the lines of the invoices that the run of a month issues.</summary>
    async Task<List<DateRange>> BilledAsync(string tenant, string period)
    {
        var before = await InvoicesAsync(tenant);
        await BillingCommand.BillAsync(Api, tenant, period, Stop);
        var days = new List<DateRange>();
        foreach (var invoice in (await InvoicesAsync(tenant)).Except(before))
        {
            var document = await Api.GetAsync<JsonElement>($"invoices/{invoice}", tenant, Stop);
            days.AddRange(document.GetProperty("lines").EnumerateArray()
                .Select(line => line.GetProperty("period").Deserialize<DateRange>(ApiClient.Json)));
        }
        return days;
    }

    async Task<List<string>> InvoicesAsync(string tenant)
        => [.. (await Api.GetAsync<JsonElement>("invoices", tenant, Stop)).GetProperty("items").EnumerateArray()
            .Select(invoice => invoice.GetProperty("id").GetString()!)];

    static PlanTerms Monthly(string code) => new()
    {
        Code = code,
        Name = code,
        Network = new NetworkTerms { Up = BitRate.FromMegabits(1), Down = BitRate.FromMegabits(1) },
        Price = new PlanPrice { Recurring = new Money(31m, Currency.Of("EUR")) },
    };
}
