using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using IspHost.Server.Client;
using IspHost.Server.Demo;

namespace IspHost.Server.Tests;

/// <summary>A server as a process of its own, which a test may kill.</summary>
sealed class ServerProcess : IAsyncDisposable
{
    static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(3);

    readonly Process process;
    readonly StringBuilder log = new();

    ServerProcess(Process process, string data) => (this.process, Data) = (process, data);

    public string Data { get; }

    /// <summary>The API as the operator.</summary>
    public ApiClient Operator { get; private set; } = null!;

    public ServerPorts Ports { get; private set; } = null!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Starts <c>serve</c> on free ports, and returns when it serves.</summary>
    /// <param name="data">Its data folder.</param>
    /// <param name="connection">The database; null for one of its own.</param>
    /// <param name="environment">Variables that it gets besides those of the tests.</param>
    public static async Task<ServerProcess> StartAsync(
        string data, string? connection = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        string[] arguments =
        [
            typeof(Serving.IspServer).Assembly.Location, "serve", "--data", data, "--bind", "127.0.0.1", "--http", "0", "--radius-auth",
            "0", "--radius-acct", "0", "--allow-local-devices", "--log", "Quiet",
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in ProgramUnderTest.Quick.Concat(environment ?? new Dictionary<string, string>()))
            start.Environment[name] = value;
        if (connection is not null)
            start.Environment["ISPHOST_CONNECTION"] = connection;
        var server = new ServerProcess(Process.Start(start)!, data);
        try
        {
            await server.WaitUntilItServesAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public bool IsAlive => !process.HasExited;

    /// <summary>What it has logged: warnings and errors.</summary>
    public string Log
    {
        get
        {
            lock (log)
                return log.ToString();
        }
    }

    /// <summary>The bytes of memory that are the process's own, and not those of files.</summary>
    public long MemoryInUse()
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>What SIGKILL does: nothing is said, flushed or handed over.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(Stop);
    }

    /// <summary>Stops it as an operator does, unless it is dead already.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Operator is not null)
            await Operator.DisposeAsync();
        if (!process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync(Stop);
        }
        process.Dispose();
    }

    async Task WaitUntilItServesAsync()
    {
        var serves = new TaskCompletionSource();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("Serving", StringComparison.Ordinal) == true)
                serves.TrySetResult();
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (log)
                log.AppendLine(line.Data);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Task.WhenAny(serves.Task, process.WaitForExitAsync(Stop)).WaitAsync(LongestStart, Stop);
        Assert.True(serves.Task.IsCompleted, $"The server did not start: {log}");

        Operator = await ApiClient.ConnectAsync(Data, connection: null, Stop);
        var listeners = (await Operator.ListAsync<JsonElement>("plugins/listeners", null, Stop))
            .ToDictionary(listener => listener.GetProperty("name").GetString()!, listener => listener.GetProperty("port").GetInt32());
        Ports = new ServerPorts(Http: 0, listeners.GetValueOrDefault("radius-auth"), listeners.GetValueOrDefault("radius-acct"));
    }
}
