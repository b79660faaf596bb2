using System.Reflection.Emit;
using System.Runtime.Loader;
using IspHost.Sdk.Taxes;

namespace IspHost.Sdk.Testing.Tests;

[Collection(typeof(Alone))]
public sealed class UnloadTests
{
    static readonly string Greets = PluginTestHost.FolderNamedBy<UnloadTests>("Greets");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

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
}

/// <summary>Tests that measure the memory of the process, while no other runs.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
