using System.Reflection;
using IspHost.PluginRuntime;
using IspHost.Server.Serving;

namespace IspHost.Server.Tests;

public sealed class A_plugin_that_ends_the_process
{
    static readonly string Fixture = typeof(A_plugin_that_ends_the_process).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(named => named.Key == "EndsProcess").Value!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_left_out_at_the_third_start_and_says_why()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"isphost-ended-{Environment.ProcessId}");
        var environment = new Dictionary<string, string> { ["PluginFolders__0"] = Path.Combine(folder, "brought") };
        Copy(Fixture, Path.Combine(folder, "brought", "ends-process"));
        try
        {
            for (var death = 1; death <= 2; death++)
            {
                await Assert.ThrowsAnyAsync<Exception>(() => ServerProcess.StartAsync(folder, environment: environment));
                var trace = await File.ReadAllTextAsync(Path.Combine(folder, "plugins", ".loading", "ends-process"), Stop);
                Assert.EndsWith($" {death}", trace, StringComparison.Ordinal);
            }

            await using var server = await ServerProcess.StartAsync(folder, environment: environment);
            var plugin = Assert.Single(await server.Operator.ListAsync<PluginStatus>("plugins", null, Stop));

            Assert.Equal(("ends-process", PluginState.Failed), (plugin.Id, plugin.State));
            Assert.Contains("ISP1404", plugin.LastError, StringComparison.Ordinal);
            Assert.Contains("the server ended 2 times while it loaded this plugin", plugin.LastError, StringComparison.Ordinal);
        }
        finally
        {
            await IspServer.DiscardDatabaseAsync(folder, CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
