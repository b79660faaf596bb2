using System.Text.Json;
using IspHost.Core.Plugins;
using IspHost.Server.Client;

namespace IspHost.Server.Tests;

[Collection(typeof(OnAServerOfTheirOwn))]
public sealed class Replacing_plugins(ServerOfItsOwn own)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Billing")]
    [InlineData("Radius")]
    [InlineData("Tax.Vat")]
    [InlineData("Nas.MikroTik")]
    [InlineData("Notify.Smtp")]
    public async Task Leaves_nothing_of_the_old_generation_in_memory(string plugin)
    {
        var tenant = await own.AddTenantAsync();
        await own.Server.Operator.GetAsync<JsonElement>("sessions", tenant, Stop);
        await own.Server.Operator.GetAsync<JsonElement>("bill-runs", tenant, Stop);

        var report = await own.Server.Operator.PostAsync<ReplacementView>(
            $"plugins/{plugin}/replace", null, new PluginFolder(plugin), Stop);

        Assert.Equal((report.From.Number + 1, true, true), (report.To.Number, report.Old.Drained, report.Old.Unloaded));
    }

    [Fact]
    public async Task Is_in_the_operators_trail_with_what_came_of_it()
    {
        await own.Server.Operator.PostAsync<ReplacementView>("plugins/Tax.Vat/replace", null, new PluginFolder("Tax.Vat"), Stop);
        await Assert.ThrowsAsync<RequestException>(() => own.Server.Operator.PostAsync<ReplacementView>(
            "plugins/Tax.Vat/replace", null, new PluginFolder("Billing"), Stop));

        var trail = await own.Server.Operator.GetAsync<JsonElement>("operator/audit?target=plugin/Tax.Vat&limit=4", null, Stop);

        var entries = trail.GetProperty("items").EnumerateArray().Select(entry => (
            entry.GetProperty("action").GetString(), entry.GetProperty("detail").GetRawText())).ToArray();
        Assert.Equal(
            ["plugin.replace.failed", "plugin.replace", "plugin.replace.done", "plugin.replace"], entries.Select(entry => entry.Item1));
        Assert.Contains("the folder holds another plugin, Billing", entries[0].Item2, StringComparison.Ordinal);
        Assert.Contains("\"drained\":true,\"unloaded\":true", entries[2].Item2, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_folder_that_is_none_of_the_nodes()
    {
        var refused = await Assert.ThrowsAsync<RequestException>(
            () => own.Server.Operator.PostAsync<ReplacementView>("plugins/Radius/replace", null, new PluginFolder("../../tmp"), Stop));

        Assert.Contains("folder", refused.Message, StringComparison.Ordinal);
    }
}
