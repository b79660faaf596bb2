using System.Reflection.Emit;
using System.Runtime.Loader;
using IspHost.Sdk.Taxes;

namespace IspHost.Sdk.Testing.Tests;

[Collection(typeof(Alone))]
public sealed class UnloadTests
{
    static readonly string Greets = PluginTestHost.FolderNamedBy<UnloadTests>("Greets");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static object? kept;

    [Fact]
    public async Task A_plugin_that_is_gone_after_every_cycle_passes_with_what_was_measured()
    {
        var runs = 0;
        var report = await PluginTestHost.AssertUnloadsAsync(
            Greets,
            async (host, stop) =>
            {
                await host.Extensions.Get<ITaxEngine>("greets").QuoteAsync(PluginTestHostTests.Document(), stop);
                await host.Client.GetStringAsync(new Uri("greet/Ada", UriKind.Relative), stop);
                runs++;
            },
            options => options.Cycles = 5,
            Stop);

        Assert.Equal((5, 5), (runs, report.Cycles.Count));
        Assert.True(report.Cycles.All(cycle => cycle.HeapBytes > 0 && cycle.ProcessBytes > 0 && cycle.Unload > TimeSpan.Zero));
        TestContext.Current.TestOutputHelper!.WriteLine(report.ToString());
    }

    [Fact]
    public async Task A_plugin_that_stays_fails_with_what_holds_it()
    {
        var failed = await Assert.ThrowsAsync<PluginTestException>(() => PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>("Leaks"),
            (_, _) => Task.CompletedTask,
            options => options.UnloadLimit = TimeSpan.FromSeconds(1),
            Stop));

        TestContext.Current.TestOutputHelper!.WriteLine(failed.Message);
        Assert.Matches(@"^leaks is still in memory [0-9.]+ s after it was unloaded, in cycle 1 of 1\.\n", failed.Message);
        Assert.Contains(
            """
            Loaded are:
              Leaks 0.1.0.0, 1 time(s), in the load context Leaks
            It is held by:
              AppDomain.ProcessExit -> Leaks.Plugin.Forever
            Its code has what is known to hold a plugin:
              Leaks.dll: AppDomain.ProcessExit +=: the event keeps your delegate: unsubscribe in Dispose of a class in your container
            """,
            failed.Message,
            StringComparison.Ordinal);
        Assert.Contains("docs/plugin-authors/unloading.md", failed.Message, StringComparison.Ordinal);
        Assert.Contains("Plugin leaks 1.0.0, generation 1 was not unloaded", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scenario_that_keeps_something_of_the_plugin_fails()
    {
        var failed = await Assert.ThrowsAsync<PluginTestException>(() => PluginTestHost.AssertUnloadsAsync(
            Greets, (_, _) => Keep(), options => options.UnloadLimit = TimeSpan.Zero, Stop));
        kept = null;
        Assert.StartsWith("greets is still in memory", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_ends_by_itself_within_the_limit_is_waited_for()
    {
        using var later = new Timer(_ => kept = null);
        var report = await PluginTestHost.AssertUnloadsAsync(Greets, (_, _) =>
        {
            later.Change(TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
            return Keep();
        }, cancellationToken: Stop);
        Assert.True(report.Cycles[0].Unload > TimeSpan.FromSeconds(1), report.ToString());
    }

    [Fact]
    public async Task Memory_that_grows_with_every_cycle_fails_with_the_measurements()
    {
        var hoard = new List<byte[]>();
        var failed = await Assert.ThrowsAsync<PluginTestException>(() => PluginTestHost.AssertUnloadsAsync(
            Greets,
            (_, _) =>
            {
                hoard.Add(new byte[16 * 1024 * 1024]);
                return Task.CompletedTask;
            },
            options => options.Cycles = 4,
            Stop));
        // Other tests take and free memory meanwhile: about 16 MiB, not to the KiB.
        Assert.Matches("^greets was unloaded every time, but the managed heap grew by 1[0-9]{4} KiB a cycle; 256 KiB were", failed.Message);
        Assert.Contains("\nCycle 4: drained in ", failed.Message, StringComparison.Ordinal);
        GC.KeepAlive(hoard);
    }

    [Fact]
    public async Task Code_that_the_process_has_emitted_is_in_nobodys_way()
    {
        var emitted = new DynamicMethod("Emitted", typeof(void), []);
        emitted.GetILGenerator().Emit(OpCodes.Ret);
        emitted.CreateDelegate<Action>()();
        Assert.Contains(AssemblyLoadContext.Default.Assemblies, assembly => assembly.IsDynamic);

        await PluginTestHost.AssertUnloadsAsync(Greets, (_, _) => Task.CompletedTask, cancellationToken: Stop);
    }

    [Fact]
    public async Task What_the_scenario_throws_comes_out()
        => await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => PluginTestHost.AssertUnloadsAsync(
            Greets, (_, _) => throw new TimeZoneNotFoundException(), cancellationToken: Stop));

    static Task Keep()
    {
        // The last one: those before are of tests that have ended, and wait for the collector.
        kept = AppDomain.CurrentDomain.GetAssemblies().Last(loaded => loaded.IsCollectible && loaded.GetName().Name == "Greets");
        return Task.CompletedTask;
    }
}

/// <summary>Tests that measure the memory of the process, while no other runs.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
