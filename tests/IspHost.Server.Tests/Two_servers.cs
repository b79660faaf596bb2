using System.Text.Json;
using IspHost.Testing;

namespace IspHost.Server.Tests;

/// <summary>Two processes with one connection string.</summary>
public sealed class Two_servers(PostgresFixture postgres) : IDisposable
{
    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-two-servers-{Environment.ProcessId}");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Are_one_cluster_and_serve_API_and_RADIUS_and_the_other_goes_on_when_one_is_killed()
    {
        var database = await postgres.CreateEmptyAsync();
        await using var one = await ServerProcess.StartAsync(Path.Combine(folder, "one"), database);
        await using var other = await ServerProcess.StartAsync(Path.Combine(folder, "other"), database);
        var provider = await Provider.CreateAsync(one.Operator, subscribers: 20);

        Assert.Equal(2, (await one.Operator.GetAsync<JsonElement>("nodes", null, Stop)).GetArrayLength());
        await PlaysAsync(provider, one, from: 0);
        await PlaysAsync(provider, other, from: 10);

        await one.KillAsync();

        await PlaysAsync(provider, other, from: 20);
        await provider.EndMonthAsync(other.Operator);
        var run = await Commands.BillingCommand.BillAsync(other.Operator, provider.Code, Provider.Period, Stop);
        Assert.Equal(20, run.GetProperty("accounts").GetProperty("done").GetInt32());
    }

    /// <summary>Each of ten subscribers comes online, uses something and leaves, and the API shows the sessions.</summary>
    static async Task PlaysAsync(Provider provider, ServerProcess server, int from)
    {
        using var nas = await provider.AccessServerAsync(server.Ports);

        var played = await Task.WhenAll(
            Enumerable.Range(from, 10).Select(number => nas.PlayAsync(Provider.Session(number % 20, number), Stop)));

        Assert.Equal((10, 0L), (played.Count(accepted => accepted), nas.Lost));
    }
}
