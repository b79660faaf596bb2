using System.Text.Json;
using IspHost.Core.Customers;
using IspHost.Server.Client;
using IspHost.Simulator;
using IspHost.Testing;

namespace IspHost.Server.Tests;

[TakesLong]
public sealed class Many_tenants_on_one_node(PostgresFixture postgres)
{
    const int Tenants = 60;
    const int Accounts = 5;
    const int Subscribers = 20;

    /// <summary>Between two things that somebody does: without it all of them would only share the processors.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task That_bill_at_the_same_moment_all_finish_while_another_one_lets_in_counts_and_answers()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"isphost-many-{Environment.ProcessId}");
        await using (var server = await ServerProcess.StartAsync(folder, await postgres.CreateEmptyAsync()))
        {
            var billing = new Provider[Tenants];
            await Parallel.ForAsync(0, Tenants, Stop, async (i, _) => billing[i] = await WithUsageAsync(server, (byte)(i + 1)));
            var online = await Provider.CreateAsync(server.Operator, Subscribers);
            using var nas = await online.AccessServerAsync(server.Ports);
            await Task.WhenAll(billing.Select(provider => provider.EndMonthAsync(server.Operator)));
            using var done = new CancellationTokenSource();
            var players = Enumerable.Range(0, 4).Select(player => PlayAsync(nas, player, done.Token)).ToArray();
            var callers = Enumerable.Range(0, 2).Select(caller => CallAsync(server.Operator, online.Code, caller, done.Token)).ToArray();

            var runs = await Task.WhenAll(billing.Select(provider => BillAsync(server.Operator, provider)));
            await done.CancelAsync();

            Assert.All(runs, run => Assert.Equal(Accounts, run.GetProperty("accounts").GetProperty("done").GetInt32()));
            Assert.Equal(0, (await Task.WhenAll(players)).Sum());
            Assert.Equal(0, nas.Lost);
            Assert.Equal([], (await Task.WhenAll(callers)).SelectMany(failed => failed));
            Assert.DoesNotContain("pool has been exhausted", server.Log, StringComparison.Ordinal);
        }
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A provider each of whose subscribers has used something, so that its price script must run.</summary>
    static async Task<Provider> WithUsageAsync(ServerProcess server, byte number)
    {
        var provider = await Provider.CreateNumberedAsync(server.Operator, Accounts, number);
        using var nas = await provider.AccessServerAsync(server.Ports);
        return provider;
    }

    /// <summary>Starts the run, and asks how it goes until it has ended.</summary>
    static async Task<JsonElement> BillAsync(ApiClient api, Provider provider)
    {
        var run = await api.PostAsync<JsonElement>("bill-runs", provider.Code, new { period = Provider.Period }, Stop);
        while (run.GetProperty("state").GetString() is not "done")
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Stop);
            run = await api.GetAsync<JsonElement>($"bill-runs/{Provider.Period}", provider.Code, Stop);
        }
        return run;
    }

    /// <summary>Plays sessions of a quarter of the subscribers, one after the other.</summary>
    /// <returns>How many were not let in.</returns>
    static async Task<int> PlayAsync(SimulatedNas nas, int player, CancellationToken done)
    {
        var (played, refused) = (0, 0);
        for (; !done.IsCancellationRequested; played++)
        {
            if (!await nas.PlayAsync(Provider.Session((player * Subscribers / 4) + (played % (Subscribers / 4)), played), Stop))
                refused++;
            await Task.Delay(Pause, Stop);
        }
        Assert.True(played > 1, $"only {played} sessions");
        return refused;
    }

    /// <returns>What was answered to requests that failed.</returns>
    static async Task<List<string>> CallAsync(ApiClient api, string tenant, int caller, CancellationToken done)
    {
        var failed = new List<string>();
        for (var called = 0; !done.IsCancellationRequested; called++)
        {
            try
            {
                await api.GetAsync<JsonElement>("sessions", tenant, Stop);
                await api.PostAsync<JsonElement>("customers", tenant, new CustomerDetails { Name = $"Customer {caller}-{called}" }, Stop);
            }
            catch (Exception refused) when (refused is RequestException or HttpRequestException)
            {
                failed.Add(refused.Message);
            }
            await Task.Delay(Pause, Stop);
        }
        return failed;
    }
}
