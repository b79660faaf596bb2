using System.Diagnostics;
using System.Net;
using System.Text.Json;
using IspHost.Server.Client;
using IspHost.Testing;

namespace IspHost.Server.Tests;

/// <summary>All that can happen to a database, and the death of a node, under requests, sessions and bill runs.</summary>
[TakesLong]
public sealed class Faults_under_load : IAsyncLifetime
{
    const int Subscribers = 10;
    const int Accounts = 50;

    static readonly TimeSpan Freeze = TimeSpan.FromSeconds(8);

    /// <summary>Until it is noticed that the database hangs, and more: the machine may be busy.</summary>
    static readonly TimeSpan Noticing = TimeSpan.FromSeconds(5);

    static readonly string[] Faults = ["frozen", "terminated", "restarted", "killed", "failed over"];

    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-faults-{Guid.NewGuid():N}");
    readonly List<ServerProcess> nodes = [];
    readonly List<Traffic> traffic = [];
    FragilePostgres postgres = null!;

    ApiClient Api => nodes[^1].Operator;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => postgres = await FragilePostgres.StartAsync(Path.Combine(folder, "postgres"));

    public async ValueTask DisposeAsync()
    {
        foreach (var flow in traffic)
            await flow.DisposeAsync();
        foreach (var node in nodes)
            await node.DisposeAsync();
        await postgres.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Of_the_database_and_of_the_other_node_end_no_node_hold_up_no_memory_and_lose_and_double_nothing()
    {
        await AddNodeAsync();
        var online = await Provider.CreateAsync(Api, 2 * Subscribers);
        await BeginTrafficAsync(online);
        await StrikeAllAsync(firstNumber: 1);

        await AddNodeAsync();
        await BeginTrafficAsync(online);
        Assert.Equal(2, (await Api.ListAsync<JsonElement>("nodes", null, Stop)).Count);
        await StrikeAllAsync(firstNumber: 101);

        await KillFirstNodeAsync(await WithMonthToBillAsync(number: 201));
        await traffic[1].EndAsync();
        await AssertCustomersAsync(online);
        await AssertSessionsAsync();
    }

    async Task AddNodeAsync()
        => nodes.Add(await ServerProcess.StartAsync(Path.Combine(folder, $"node-{nodes.Count}"), postgres.ConnectionString));

    async Task BeginTrafficAsync(Provider online)
    {
        traffic.Add(await Traffic.BeginAsync(nodes[^1], online, traffic.Count, Subscribers));
        await FlowsAsync();
    }

    async Task StrikeAllAsync(byte firstNumber)
    {
        var billed = new List<Provider>();
        for (var i = 0; i < Faults.Length; i++)
            billed.Add(await WithMonthToBillAsync((byte)(firstNumber + i)));
        foreach (var (fault, provider) in Faults.Zip(billed))
        {
            await BillAsync(provider);
            var began = Stopwatch.GetTimestamp();
            await StrikeAsync(fault);
            var returned = Stopwatch.GetTimestamp();
            await FlowsAsync();
            await EndOfRunAsync(provider);

            Report(fault, began, returned);
            Assert.All(nodes, node => Assert.True(node.IsAlive, node.Log));
            if (fault == "frozen")
                AssertAnswersWhileFrozen(began, returned);
            await AssertInvoicesAsync(provider);
        }
    }

    /// <summary>The other one lets in, counts, answers and bills.</summary>
    async Task KillFirstNodeAsync(Provider provider)
    {
        await traffic[0].EndAsync();
        var told = nodes[1].Log.Length;
        await nodes[0].KillAsync();
        await traffic[1].FlowsAsync();
        await BillAsync(provider);
        await EndOfRunAsync(provider);
        await AssertInvoicesAsync(provider);
        await AssertOneLineAboutTheOtherAsync(told);
    }

    /// <summary>And not a stack for each part of the cluster that misses it.</summary>
    async Task AssertOneLineAboutTheOtherAsync(int told)
    {
        List<string> lines;
        while ((lines = Lines()).Count == 0)
            await Task.Delay(200, Stop);
        // One a minute: a busy machine may take several to be sure.
        Assert.InRange(lines.Count, 1, 3);
        Assert.All(lines, line => Assert.Matches("^warn: Orleans.* Node S127\\.0\\.0\\.1:[0-9:]+ does not answer: [^\n]{1,200}$", line));

        List<string> Lines()
            => [.. nodes[1].Log[told..].Split('\n').Where(line => line.Contains("Orleans", StringComparison.Ordinal))];
    }

    async Task<Provider> WithMonthToBillAsync(byte number)
    {
        var provider = await Provider.CreateNumberedAsync(Api, Accounts, number);
        await provider.EndMonthAsync(Api);
        return provider;
    }

    Task BillAsync(Provider provider)
        => InsistAsync(() => Api.PostAsync<JsonElement>("bill-runs", provider.Code, new { period = Provider.Period }, Stop));

    Task FlowsAsync() => Task.WhenAll(traffic.Select(flow => flow.FlowsAsync()));

    async Task StrikeAsync(string fault)
    {
        switch (fault)
        {
            case "frozen":
                postgres.Freeze();
                await Task.Delay(Freeze, Stop);
                postgres.Thaw();
                break;
            case "terminated":
                await postgres.TerminateConnectionsAsync();
                break;
            case "restarted":
                await postgres.RestartAsync();
                break;
            case "killed":
                await postgres.KillAsync();
                await postgres.StartAgainAsync();
                break;
            case "failed over":
                await postgres.KillAsync();
                await postgres.FailOverAsync();
                break;
        }
    }

    void Report(string fault, long began, long returned)
    {
        foreach (var flow in traffic)
            TestContext.Current.SendDiagnosticMessage("{0}, {1}", fault, flow.Describe(began, returned));
    }

    void AssertAnswersWhileFrozen(long began, long returned)
    {
        var noticed = began + (long)(Noticing.TotalSeconds * Stopwatch.Frequency);
        foreach (var flow in traffic)
        {
            // Those that waited when it froze were ended, or their writers would not have asked again.
            Assert.Contains(flow.Between(noticed, returned, Traffic.Write), write => !write.IsGood && write.Ended < returned);
            Assert.DoesNotContain(
                flow.Between(began, returned, Traffic.Write), write => write.Ended > returned && write.Took > Noticing);
            Assert.Contains(flow.Between(noticed, returned, Traffic.Ready), ready => !ready.IsGood);
            Assert.All(flow.Between(noticed, returned, Traffic.Login), login => Assert.True(login.IsGood));
            Assert.All(flow.Between(noticed, returned, Traffic.Live), live => Assert.True(live.IsGood));
        }
    }

    Task EndOfRunAsync(Provider provider) => InsistAsync(async () =>
    {
        JsonElement run;
        while ((run = await Api.GetAsync<JsonElement>($"bill-runs/{Provider.Period}", provider.Code, Stop))
            .GetProperty("state").GetString() is not "done")
            await Task.Delay(50, Stop);
        Assert.Equal(Accounts, run.GetProperty("accounts").GetProperty("done").GetInt32());
        return run;
    });

    /// <summary>Asks again for as long as the server says that it cannot serve now.</summary>
    static async Task InsistAsync(Func<Task<JsonElement>> ask)
    {
        while (true)
        {
            try
            {
                await ask();
                return;
            }
            catch (RequestException refused) when (refused.Status is HttpStatusCode.ServiceUnavailable)
            {
                await Task.Delay(50, Stop);
            }
        }
    }

    async Task AssertInvoicesAsync(Provider provider)
    {
        var customers = (await provider.InvoicesAsync(Api)).Select(invoice => invoice.GetProperty("customer").GetString()).ToList();
        Assert.Equal((Accounts, Accounts), (customers.Count, customers.Distinct().Count()));
    }

    async Task AssertCustomersAsync(Provider provider)
    {
        var names = (await Api.ListAsync<JsonElement>("customers", provider.Code, Stop))
            .Select(customer => customer.GetProperty("name").GetString()!)
            .Where(name => name.StartsWith("node ", StringComparison.Ordinal));
        Assert.Equal(traffic.SelectMany(flow => flow.Registered).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    /// <summary>Each session is there once, beside those that only asked whether a subscriber is known, and used what it counted.</summary>
    async Task AssertSessionsAsync()
    {
        var counted = await postgres.AskAsync("""
            select count(*) filter (where is_played), (sum(octets) filter (where is_played))::bigint,
                   sum(octets)::bigint - (select sum(bytes_up + bytes_down) from host.usage)::bigint
            from (select octets_up + octets_down as octets, encode(acct_session_id, 'escape') not like '%FFFFFF' as is_played
                  from radius.session) s
            """);
        Assert.Equal([traffic.Sum(flow => flow.Sessions), traffic.Sum(flow => flow.Bytes), 0], counted);
    }
}
