using System.Net;
using System.Net.Sockets;
using IspHost.Testing;

namespace IspHost.Server.Tests;

/// <summary>Each gets one clear line and exit code 1.</summary>
public sealed class Bad_starts(ServerFixture server, PostgresFixture postgres) : IDisposable
{
    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-bad-start-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public Task A_database_that_is_not_there()
        => FailsAsync("127.0.0.1:1", "serve", "--data", folder, "--connection", "Host=127.0.0.1;Port=1;Username=x;Timeout=2");

    [Fact]
    public Task A_connection_string_that_is_none()
        => FailsAsync("connection string", "serve", "--data", folder, "--connection", "Hots=nowhere");

    [Fact]
    public Task A_data_folder_that_another_server_has()
        => FailsAsync("in use by another server", "serve", "--data", server.Data);

    [Fact]
    public async Task An_HTTP_port_that_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        await FailsAsync(
            "port", "serve", "--data", folder, "--connection", await postgres.CreateEmptyAsync(), "--bind", "127.0.0.1",
            "--http", $"{((IPEndPoint)taken.LocalEndpoint).Port}", "--radius-auth", "0", "--radius-acct", "0");
    }

    [Fact]
    public async Task A_RADIUS_port_that_is_taken()
    {
        using var taken = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));

        await FailsAsync("radius-auth", "serve", "--data", folder, "--connection", await postgres.CreateEmptyAsync(), "--bind", "127.0.0.1",
            "--http", "0", "--radius-auth", $"{((IPEndPoint)taken.Client.LocalEndPoint!).Port}", "--radius-acct", "0");
    }

    [Fact]
    public async Task A_folder_without_the_programs_of_PostgreSQL_where_a_demo_has_run()
    {
        var data = Directory.CreateDirectory(folder);
        data.CreateSubdirectory(Path.Combine("demo", "postgres"));

        Fails("holds no initdb", await ProgramUnderTest.RunWithAsync(
            new() { ["PG_BIN"] = data.FullName }, "demo", "--once", "--data", data.FullName, "--http", "0", "--radius-auth", "0",
            "--radius-acct", "0"));
    }

    [Fact]
    public async Task An_option_that_is_none()
    {
        var (code, output, errors) = await ProgramUnderTest.RunAsync("serve", "--http", "99999");

        Assert.Equal((1, "", "--http must be 0 to 65535."), (code, output, errors.Trim()));
    }

    [Fact]
    public async Task A_folder_for_invoices_that_is_a_file()
    {
        var data = Directory.CreateDirectory(folder);
        var file = Path.Combine(data.FullName, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        Fails(file, await ProgramUnderTest.RunAsync(
            "demo", "--once", "--data", data.FullName, "--out", file, "--http", "0", "--radius-auth", "0", "--radius-acct", "0"));
    }

    static async Task FailsAsync(string part, params string[] arguments)
        => Fails(part, await ProgramUnderTest.RunAsync([.. arguments, "--log", "Quiet"]));

    static void Fails(string part, (int Code, string Output, string Errors) ended)
    {
        var (code, _, errors) = ended;
        Assert.Equal(1, code);
        var line = Assert.Single(
            errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("isphost: ", StringComparison.Ordinal));
        Assert.Contains(part, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
