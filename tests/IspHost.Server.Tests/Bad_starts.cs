using System.Net;
using System.Net.Sockets;

namespace IspHost.Server.Tests;

/// <summary>Each gets one clear line and exit code 1.</summary>
public sealed class Bad_starts(ServerFixture server)
{
    [Fact]
    public Task A_database_that_is_not_there()
        => FailsAsync("127.0.0.1:1", "serve", "--data", NewFolder(), "--connection", "Host=127.0.0.1;Port=1;Username=x;Timeout=2");

    [Fact]
    public Task A_connection_string_that_is_none()
        => FailsAsync("connection string", "serve", "--data", NewFolder(), "--connection", "Hots=nowhere");

    [Fact]
    public Task A_data_folder_that_another_server_has()
        => FailsAsync("in use by another server", "serve", "--data", server.Data);

    [Fact]
    public async Task An_HTTP_port_that_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        await FailsAsync(
            "port", "serve", "--data", NewFolder(), "--bind", "127.0.0.1", "--http", $"{((IPEndPoint)taken.LocalEndpoint).Port}",
            "--radius-auth", "0", "--radius-acct", "0");
    }

    [Fact]
    public async Task A_RADIUS_port_that_is_taken()
    {
        using var taken = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));

        await FailsAsync("radius-auth", "serve", "--data", NewFolder(), "--bind", "127.0.0.1", "--http", "0",
            "--radius-auth", $"{((IPEndPoint)taken.Client.LocalEndPoint!).Port}", "--radius-acct", "0");
    }

    static async Task FailsAsync(string part, params string[] arguments)
    {
        var (code, _, errors) = await ProgramUnderTest.RunAsync([.. arguments, .. (string[])(arguments.Contains("--log")
            ? []
            : ["--log", "Quiet"])]);

        Assert.Equal(1, code);
        var line = Assert.Single(
            errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("isphost: ", StringComparison.Ordinal));
        Assert.Contains(part, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    static string NewFolder() => Path.Combine(Path.GetTempPath(), $"isphost-bad-start-{Guid.NewGuid():N}");
}
