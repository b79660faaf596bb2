using System.Collections.Concurrent;
using System.Net;
using System.Runtime;
using IspHost.PluginRuntime;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Taxes;
using Microsoft.Extensions.Logging.Abstractions;

namespace IspHost.Benchmarks;

/// <summary>
/// The longest time for which an upgrade stops every thread of a node that has many subscribers in memory, against one blocking
/// collection of the same memory. Waiting for the proof that the old code is gone is a part of the upgrade.
/// </summary>
static class UpgradePauseBenchmark
{
    const int LongestMilliseconds = 100;

    static string Plugin => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../plugins/Tax.Vat"));

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        var subscribers = Remembered(effort.Of(100_000, 1_000_000));
        await using var host = new PluginHost(new PluginRuntimeOptions(), NullLoggerFactory.Instance, TimeProvider.System);
        await host.LoadAsync(Plugin, CancellationToken.None);
        var proven = 0;
        var times = await Measurement.InTurnAsync(
            warmUps: 1, effort.Of(quick: 1, full: 3),
            new Way("upgrade", () => LongestPauseAsync(async () => proven += await UpgradeAsync(host) ? 1 : 0)),
            new Way("blocking collection", () => LongestPauseAsync(() => Task.Run(() => GC.Collect()))));

        yield return new Result("upgrade-pause", "ms", "one blocking collection", times, time => time.TotalMilliseconds)
            .Within(LongestMilliseconds)
            .With("subscribers", subscribers.Count)
            .With("heap_mb", GC.GetTotalMemory(forceFullCollection: false) / 1_000_000)
            .With("server_gc", GCSettings.IsServerGC)
            .With("proven_gone", proven);
        GC.KeepAlive(subscribers);
    }

    /// <summary>Uses the plugin, replaces it, and waits until the old generation is gone.</summary>
    static async Task<bool> UpgradeAsync(PluginHost host)
    {
        await host.Extensions.Get<ITaxEngine>("vat").FindObjectionAsync(
            new TaxTerms { Tenant = TenantId.New(), Seller = new() { Country = "GR" }, Day = new(2026, 11, 1) }, CancellationToken.None);
        await host.ReplaceAsync("Tax.Vat", Plugin, CancellationToken.None);
        while (host.Status.Single().Dying > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        return host.Status.Single().LeakedContexts == 0;
    }

    /// <summary>What the runtime says of its pauses, looked at each millisecond: a busy machine adds nothing to it.</summary>
    static async Task<TimeSpan> LongestPauseAsync(Func<Task> work)
    {
        using var done = new CancellationTokenSource();
        var watching = Task.Factory.StartNew(() => Watch(done.Token), TaskCreationOptions.LongRunning);
        await work();
        await done.CancelAsync();
        return await watching;
    }

    static TimeSpan Watch(CancellationToken done)
    {
        var (longest, last) = (TimeSpan.Zero, GC.GetTotalPauseDuration());
        while (!done.WaitHandle.WaitOne(millisecondsTimeout: 1))
        {
            var now = GC.GetTotalPauseDuration();
            (longest, last) = (now - last > longest ? now - last : longest, now);
        }
        return longest;
    }

    /// <summary>As a node remembers them: by name and by service, each with objects of its own.</summary>
    static ConcurrentDictionary<string, Subscriber> Remembered(int count)
    {
        var byName = new ConcurrentDictionary<string, Subscriber>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var subscriber = new Subscriber
            {
                Subscription = SubscriptionId.New(),
                UserName = $"user-{i:0000000}@isp.example",
                Password = $"secret-{i:0000000}",
                Profile = new AccessProfile { Up = BitRate.FromMegabits(10), Down = BitRate.FromMegabits(100) },
                Addresses = new AddressAssignment { V4 = new IPAddress(i) },
            };
            byName[subscriber.UserName] = subscriber;
        }
        return byName;
    }
}
