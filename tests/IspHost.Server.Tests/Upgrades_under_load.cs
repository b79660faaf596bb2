using System.Text.Json;
using IspHost.Core.Customers;
using IspHost.Core.Plugins;
using IspHost.Server.Client;
using IspHost.Simulator;

namespace IspHost.Server.Tests;

[Collection(typeof(OnAServerOfTheirOwn))]
public sealed class Upgrades_under_load(ServerOfItsOwn own)
{
    const int Subscribers = 40;
    const int Upgrades = 20;

    /// <summary>A generation that stayed in memory costs several megabytes: that many of them would be far more than this.</summary>
    const long Fluctuation = 48_000_000;

    /// <summary>Between two things that somebody does: without it all of them would only share the processors.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_Billing_and_Radius_lose_no_packet_fail_no_request_and_leave_nothing_in_memory()
    {
        var provider = await Provider.CreateAsync(own.Server.Operator, Subscribers);
        using var nas = await provider.AccessServerAsync(own.Server.Ports);
        using var done = new CancellationTokenSource();
        var players = Enumerable.Range(0, 4).Select(player => PlayAsync(nas, player, done.Token)).ToArray();
        var callers = Enumerable.Range(0, 2).Select(caller => CallAsync(own.Server.Operator, provider.Code, caller, done.Token)).ToArray();

        var (reports, memory) = await ReplaceAsync(own.Server);
        await done.CancelAsync();

        Assert.All(reports, report => Assert.True(report.Old is { Drained: true, Unloaded: true }, $"{report.From}"));
        Assert.Equal([], (await Task.WhenAll(players)).SelectMany(refused => refused));
        Assert.Equal(0, nas.Lost);
        Assert.Equal([], (await Task.WhenAll(callers)).SelectMany(called => called));
        Assert.InRange(memory[^1], 0, memory[3] + Fluctuation);
    }

    /// <returns>What each upgrade said, and the memory in use after it.</returns>
    static async Task<(List<ReplacementView> Reports, List<long> Memory)> ReplaceAsync(ServerProcess server)
    {
        var (reports, memory) = (new List<ReplacementView>(), new List<long>());
        for (var i = 0; i < Upgrades; i++)
        {
            var plugin = i % 2 == 0 ? "Billing" : "Radius";
            var report = server.Operator.PostAsync<ReplacementView>($"plugins/{plugin}/replace", null, new PluginFolder(plugin), Stop);
            reports.Add(await report);
            memory.Add(server.MemoryInUse());
        }
        return (reports, memory);
    }

    /// <summary>Plays sessions of a quarter of the subscribers, one after the other.</summary>
    /// <returns>The sessions that were not let in.</returns>
    static async Task<List<SimulatedSession>> PlayAsync(SimulatedNas nas, int player, CancellationToken done)
    {
        var (played, refused) = (0, new List<SimulatedSession>());
        for (; !done.IsCancellationRequested; played++)
        {
            var session = Provider.Session((player * Subscribers / 4) + (played % (Subscribers / 4)), played);
            if (!await nas.PlayAsync(session, Stop))
                refused.Add(session);
            await Task.Delay(Pause, Stop);
        }
        Assert.True(played > Upgrades, $"only {played} sessions");
        return refused;
    }

    /// <summary>Asks endpoints of both plugins and of the host, and writes.</summary>
    /// <returns>What was answered to requests that failed.</returns>
    static async Task<List<string>> CallAsync(ApiClient api, string tenant, int caller, CancellationToken done)
    {
        var (called, failed) = (0, new List<string>());
        for (; !done.IsCancellationRequested; called++)
        {
            try
            {
                await api.GetAsync<JsonElement>("sessions", tenant, Stop);
                await api.GetAsync<JsonElement>("bill-runs", tenant, Stop);
                await api.GetAsync<JsonElement>("ledger/trial-balance", tenant, Stop);
                await api.PostAsync<JsonElement>("customers", tenant, new CustomerDetails { Name = $"Customer {caller}-{called}" }, Stop);
            }
            catch (Exception refused) when (refused is RequestException or HttpRequestException)
            {
                failed.Add(refused.Message);
            }
            await Task.Delay(Pause, Stop);
        }
        Assert.True(called > Upgrades, $"only {called} rounds of requests");
        return failed;
    }
}
