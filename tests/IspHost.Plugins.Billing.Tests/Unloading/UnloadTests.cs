using System.Runtime.CompilerServices;
using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Events;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Usage;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Plugins.Billing.Tests;

public sealed class UnloadTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_generation_that_has_billed_drawn_and_mailed_can_be_unloaded()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Clock = NodaTime.Instant.FromUtc(2027, 3, 1, 6, 0);
        for (var month = 0; month < 3; month++)
        {
            var version = world.Shop.Sign(world.Shop.Register(email: "ada@example.org"), Terms.From(2026, 10, 1, usage: Terms.Metered()));
            world.Shop.Use(version.Subscription, new(2026, 10, 5), 3);

            var context = await LiveAsync(world, $"2026-{10 + month}");
            // What has just ended called us back from its own frame, which holds the plugin until it is off the stack.
            await Task.Yield();
            for (var i = 0; i < 20 && context.IsAlive; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            Assert.False(context.IsAlive, $"Generation {month + 1} is still in memory.");
        }
        // The mailbox still holds what the generations have sent.
        Assert.Equal(6, world.Extensions.Mailbox.Mails.Count);
        await world.HoldsAsync();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static async Task<WeakReference> LiveAsync(BillingWorld world, string period)
    {
        await using var generation = new Generation(services => services
            .AddLogging()
            .AddSingleton(world.Database.Database)
            .AddSingleton<ITenants>(world.Shop)
            .AddSingleton<ICustomers>(world.Shop)
            .AddSingleton<IContracts>(world.Shop)
            .AddSingleton<IUsage>(world.Shop)
            .AddSingleton<IExtensions>(world.Extensions)
            .AddSingleton<IJobs>(world.Jobs));
        await RunAsync(generation.Job, new() { Tenant = world.Tenant, Key = period, Argument = period });
        foreach (var happened in await world.EventsAsync())
        {
            var context = new EventContext { Tenant = world.Tenant, Id = Guid.NewGuid(), At = world.Shop.Clock };
            await generation.Handler.HandleAsync(context, happened, BillingWorld.Stop);
        }
        return generation.Context;
    }

    static async Task RunAsync(IJob job, JobRun run)
    {
        await job.PrepareAsync(run, BillingWorld.Stop);
        while (await job.RunAsync(run, 0, BillingWorld.Stop) == JobStep.More)
        {
        }
        await job.FinishAsync(run, BillingWorld.Stop);
    }
}
