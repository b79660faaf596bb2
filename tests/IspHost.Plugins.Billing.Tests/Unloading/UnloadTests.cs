using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Rating;
using IspHost.Sdk.Taxes;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Testing;
using IspHost.Sdk.Usage;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>The built plugin in the host's own runtime.</summary>
[Collection(typeof(Alone))]
public sealed class UnloadTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_plugin_that_has_billed_drawn_and_mailed_unloads()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Clock = Instant.FromUtc(2029, 6, 1, 6, 0);
        var month = new YearMonth(2026, 10);
        var report = await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>(),
            async (host, stop) =>
            {
                await BillAsync(world, host, month, stop);
                month = month.PlusMonths(1);
            },
            options =>
            {
                options.Cycles = 5;
                Offer(world, options);
            },
            BillingWorld.Stop);
        TestContext.Current.TestOutputHelper!.WriteLine($"{report}");

        Assert.Equal(new YearMonth(2027, 3), month);
        Assert.All(world.Extensions.Mailbox.Mails, mail => Assert.NotEmpty(mail.Attachments));
        await world.HoldsAsync();
    }

    static async Task BillAsync(BillingWorld world, PluginTestHost host, YearMonth month, CancellationToken stop)
    {
        var version = world.Shop.Sign(world.Shop.Register(email: "ada@example.org"), Terms.From(2026, 10, 1, usage: Terms.Metered()));
        world.Shop.Use(version.Subscription, month.OnDayOfMonth(5), 3);
        // The mails of the generation stay in the box while it is unloaded.
        world.Extensions.Mailbox.Mails.Clear();
        var period = $"{month.Year}-{month.Month:00}";
        await host.Jobs.StartAsync(BillRunJob.Name, new JobRun { Tenant = world.Tenant, Key = period, Argument = period }, stop);
        await host.Jobs.RunAllAsync(stop);

        var issued = (await world.EventsAsync()).Where(invoice => invoice.Customer == version.Customer).ToList();
        foreach (var invoice in issued)
            await host.PublishAsync(world.Tenant, invoice, stop);
        Assert.NotEmpty(world.Extensions.Mailbox.Mails);
        Assert.Contains(
            issued[^1].Number, await host.Client.GetStringAsync(new Uri("invoices", UriKind.Relative), stop), StringComparison.Ordinal);
        await host.ReadPanelAsync("bill-runs", stop);
    }

    static void Offer(BillingWorld world, PluginTestOptions options)
    {
        options.Migrate = world.Database.UpgradeAsync;
        options.Offer("linear", world.Extensions.Get<IRatingRule>("linear"));
        options.Offer<ITaxEngine>("vat", world.Extensions.Tax);
        options.Offer<INotificationChannel>("email", world.Extensions.Mailbox);
        options.Services.AddSingleton(world.Database.OfPlugin("billing"))
            .AddSingleton<ITenants>(world.Shop)
            .AddSingleton<ICustomers>(world.Shop)
            .AddSingleton<IContracts>(world.Shop)
            .AddSingleton<IUsage>(world.Shop);
    }
}

/// <summary>Tests that measure the memory of the process, while no other runs.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
