using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using IspHost.Server.Client;
using IspHost.Server.Serving;

namespace IspHost.Benchmarks;

/// <summary>A server in a process of its own, on a database that is there.</summary>
sealed class ServingProcess : IAsyncDisposable
{
    readonly Process process;
    readonly string data;

    ServingProcess(Process process, string data) => (this.process, this.data) = (process, data);

    public ApiClient Operator { get; private set; } = null!;

    public Uri Address => DataFolder.Find(data)!.Address;

    public int RadiusAuth { get; private set; }

    public int RadiusAcct { get; private set; }

    /// <summary>From the start of the process until it serves.</summary>
    public TimeSpan Start { get; private set; }

    /// <summary>What it has computed so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory that are its own, and not those of files.</summary>
    public long Memory
    {
        get
        {
            var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
            return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <param name="connection">Of the database.</param>
    /// <param name="settings">What its environment has beside that.</param>
    public static async Task<ServingProcess> StartAsync(string connection, params (string Name, string Value)[] settings)
    {
        var data = Directory.CreateTempSubdirectory("isphost-scale-").FullName;
        string[] arguments =
        [
            typeof(IspServer).Assembly.Location, "serve", "--data", data, "--bind", "127.0.0.1", "--http", "0", "--radius-auth", "0",
            "--radius-acct", "0", "--allow-local-devices", "--log", "Quiet",
        ];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            Environment = { ["ISPHOST_CONNECTION"] = connection },
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var began = Stopwatch.GetTimestamp();
        var server = new ServingProcess(Process.Start(start)!, data);
        while (await server.process.StandardOutput.ReadLineAsync() is var line)
        {
            if (line is null)
                throw new InvalidOperationException("The server did not start.");
            if (line.StartsWith("Serving", StringComparison.Ordinal))
                break;
        }
        server.Start = Stopwatch.GetElapsedTime(began);
        server.Operator = await ApiClient.ConnectAsync(data, connection: null, CancellationToken.None);
        foreach (var listener in (await server.Operator.ListAsync<JsonElement>("plugins/listeners", null, default)))
        {
            if (listener.GetProperty("name").GetString() == "radius-auth")
                server.RadiusAuth = listener.GetProperty("port").GetInt32();
            else if (listener.GetProperty("name").GetString() == "radius-acct")
                server.RadiusAcct = listener.GetProperty("port").GetInt32();
        }
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await Operator.DisposeAsync();
        using (var terminate = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await terminate.WaitForExitAsync();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(data, recursive: true);
    }
}
