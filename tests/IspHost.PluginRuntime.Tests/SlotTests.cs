using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace IspHost.PluginRuntime.Tests;

[Collection(typeof(Alone))]
public sealed class SlotTests
{
    [Fact]
    public async Task Names_that_are_asked_for_and_offered_by_nobody_are_not_kept()
    {
        await using var host = TestHost.Start();
        var slots = (Slots)host.Extensions;

        for (var round = 0; round < 10; round++)
        {
            for (var i = 0; i < 10_000; i++)
            {
                Assert.Null(slots.Find<INasVendor>($"vendor-{round}-{i}"));
                slots.Get<INasVendor>($"vendor-{round}-{i}");
            }
            GC.Collect();
        }

        Assert.InRange(slots.Asked, 1, 40_000);
        Assert.Equal(0, slots.Count);
    }

    [Fact]
    public async Task What_was_asked_for_and_kept_is_led_to_whoever_offers_it_later()
    {
        await using var host = TestHost.Start();
        var kept = host.Extensions.Get<INasVendor>("greets");
        for (var i = 0; i < 10_000; i++)
            host.Extensions.Get<INasVendor>($"vendor-{i}");
        GC.Collect();
        Assert.Throws<ExtensionUnavailableException>(() => kept.Authorize(Samples.Tenant, Samples.Profile, AccessMode.Full));

        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);

        Assert.Single(kept.Authorize(Samples.Tenant, Samples.Profile, AccessMode.Full));
        Assert.Same(kept, host.Extensions.Find<INasVendor>("greets"));
        await host.RemoveAsync("greets", TestHost.Stop);
        Assert.Null(host.Extensions.Find<INasVendor>("greets"));
    }
}

/// <summary>Tests that look at the memory of the process, while no other runs.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
