namespace IspHost.Sdk.Testing.Tests;

public sealed class LeakingPluginTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plugin_that_stays_fails_with_what_holds_it()
    {
        var failed = await Assert.ThrowsAsync<PluginTestException>(() => PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<LeakingPluginTests>("Leaks"),
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
}
