namespace IspHost.Sdk.Testing.Tests;

public sealed class LeakingScenarioTests
{
    /// <summary>One that no other test loads meanwhile.</summary>
    static readonly string Plugin = PluginTestHost.FolderNamedBy<LeakingScenarioTests>("HelloNas");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static object? kept;

    [Fact]
    public async Task A_scenario_that_keeps_something_of_the_plugin_fails()
    {
        var failed = await Assert.ThrowsAsync<PluginTestException>(() => PluginTestHost.AssertUnloadsAsync(
            Plugin, (_, _) => Keep(), options => options.UnloadLimit = TimeSpan.Zero, Stop));
        kept = null;
        Assert.StartsWith("HelloNas is still in memory", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_ends_by_itself_within_the_limit_is_waited_for()
    {
        using var later = new Timer(_ => kept = null);
        var report = await PluginTestHost.AssertUnloadsAsync(Plugin, (_, _) =>
        {
            later.Change(TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
            return Keep();
        }, cancellationToken: Stop);
        Assert.True(report.Cycles[0].Unload > TimeSpan.FromSeconds(1), report.ToString());
    }

    static Task Keep()
    {
        // The last one: those before are of tests that have ended, and wait for the collector.
        kept = AppDomain.CurrentDomain.GetAssemblies().Last(loaded => loaded.IsCollectible && loaded.GetName().Name == "HelloNas");
        return Task.CompletedTask;
    }
}
