using System.Text.Json;
using IspHost.EmbeddedPostgres;

namespace IspHost.Server.Tests;

/// <summary>Two processes with one connection string.</summary>
public sealed class Two_servers : IAsyncLifetime
{
    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-two-servers-{Environment.ProcessId}");
    PrivatePostgres? postgres;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
        => postgres = await PrivatePostgres.StartAsync(
            new PrivatePostgresOptions { Folder = Path.Combine(folder, "postgres"), IsDisposable = true }, Stop);

    public async ValueTask DisposeAsync()
    {
        await postgres!.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Are_one_cluster_and_serve_API_and_RADIUS_and_the_other_goes_on_when_one_is_killed()
    {
        await using var one = await StartAsync("one");
        await using var other = await StartAsync("other");
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

    Task<ServerProcess> StartAsync(string name) => ServerProcess.StartAsync(Path.Combine(folder, name), postgres!.ConnectionString);

    /// <summary>Each of ten subscribers comes online, uses something and leaves, and the API shows the sessions.</summary>
    static async Task PlaysAsync(Provider provider, ServerProcess server, int from)
    {
        using var nas = await provider.AccessServerAsync(server.Ports);

        var played = await Task.WhenAll(
            Enumerable.Range(from, 10).Select(number => nas.PlayAsync(Provider.Session(number % 20, number), Stop)));

        Assert.Equal((10, 0L), (played.Count(accepted => accepted), nas.Lost));
    }
}
