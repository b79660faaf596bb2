using System.Text.Json;
using IspHost.Core.Plugins;
using IspHost.Server.Client;

namespace IspHost.Server.Demo;

/// <summary>Replaces a plugin while its packets and requests keep coming.</summary>
sealed class DemoUpgrade(ApiClient api)
{
    public async Task<UpgradeSummary> ReplaceWhileAsync(string plugin, Task traffic, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var calling = CallAsync(done.Token);
        var report = await api.PostAsync<ReplacementView>($"plugins/{plugin}/replace", null, new PluginFolder(plugin), cancellationToken);
        await traffic;
        await done.CancelAsync();
        return new UpgradeSummary(
            $"{report.From.Version}/{report.From.Number}", $"{report.To.Version}/{report.To.Number}", LostPackets: 0, await calling,
            report.Old.Unloaded);
    }

    /// <summary>Asks the plugin's own endpoint over and over, and counts the answers that are none.</summary>
    async Task<int> CallAsync(CancellationToken done)
    {
        var failed = 0;
        while (!done.IsCancellationRequested)
        {
            try
            {
                await api.GetAsync<JsonElement>("sessions", DemoIsp.Both[0].Code, done);
            }
            catch (RequestException)
            {
                failed++;
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        return failed;
    }
}
