using IspHost.Core.Plugins;
using IspHost.Server.Serving;

namespace IspHost.Server.Tests;

[Collection(typeof(OnAServerOfTheirOwn))]
public sealed class Metrics_of_a_server(ServerOfItsOwn own)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_those_of_the_host_its_libraries_and_its_plugins_for_whoever_asks_from_this_machine()
    {
        using var client = new HttpClient { BaseAddress = DataFolder.Find(own.Server.Data)!.Address };
        await client.GetAsync("/api/v1/customers", Stop);

        var metrics = await client.GetStringAsync("/metrics", Stop);

        string[] wanted =
        [
            "isphost_plugin_up", "isphost_listener_datagrams_total", "http_server_request_duration_seconds_bucket", "db_client_",
            "dotnet_gc_", "plugin=\"Radius\"", "isphost_changes_unread_seconds", "isphost_changes_behind_seconds{",
            "scripts_waiting{", "scripts_running{",
        ];
        Assert.All(wanted, name => Assert.Contains(name, metrics, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keep_no_plugin_in_memory_that_is_replaced_between_two_looks()
    {
        using var client = new HttpClient { BaseAddress = DataFolder.Find(own.Server.Data)!.Address };
        await client.GetAsync("/metrics", Stop);

        var report = await own.Server.Operator.PostAsync<ReplacementView>("plugins/Radius/replace", null, new PluginFolder("Radius"), Stop);
        await client.GetAsync("/metrics", Stop);

        Assert.True(report.Old.Unloaded);
    }
}
