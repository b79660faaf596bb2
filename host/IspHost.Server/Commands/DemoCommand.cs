using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using IspHost.Core.Zones;
using IspHost.PluginRuntime;
using IspHost.Scripting;
using IspHost.Sdk;
using IspHost.Server.Client;
using IspHost.Server.Demo;
using IspHost.Server.Serving;
using NodaTime;

namespace IspHost.Server.Commands;

/// <summary><c>demo</c>: the whole chain, from a RADIUS packet to an invoice.</summary>
static class DemoCommand
{
    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "End when the month has been billed, instead of serving on." };
        var output = new Option<DirectoryInfo?>("--out") { Description = "Where the invoices and summary.json go.", HelpName = "DIR" };
        var bind = CommonOptions.Address("--bind", "The address to listen on.", IPAddress.Loopback);
        var command = new Command("demo", "Plays a month of two internet providers, from RADIUS packets to invoices, on a fresh database.")
        {
            once, output, CommonOptions.Data, CommonOptions.Http, CommonOptions.RadiusAuth, CommonOptions.RadiusAcct,
            CommonOptions.Connection, bind, CommonOptions.AllowPlainHttp, CommonOptions.Json,
        };
        command.Does(
            (parsed, stop) => RunAsync(parsed, parsed.GetValue(once), parsed.GetValue(output)?.FullName, parsed.GetValue(bind)!, stop));
        return command;
    }

    static async Task RunAsync(ParseResult parsed, bool once, string? output, IPAddress bind, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        var isJson = parsed.GetValue(CommonOptions.Json);
        void Say(string text)
        {
            if (!isJson)
                Console.WriteLine($"{clock.Elapsed.TotalSeconds,6:F1} s  {text}");
        }

        var options = ServeCommand.OptionsOf(parsed);
        options = options with
        {
            Data = await FreshFolderAsync(options, stop),
            Bind = bind,
            IsStatusPublic = true,
            AllowLocalDevices = true,
            Log = LogStyle.Quiet,
            // The scripts are the demo's own: it plays on any machine.
            ScriptsWithout = ScriptLayers.LackingHere,
        };
        output ??= Path.Combine(options.Data, "invoices");
        MakeOutput(output);
        await using var server = await IspServer.StartAsync(options, stop);
        Say($"Serving at {server.Address} on {(options.Connection is null ? "a PostgreSQL of its own" : "the given database")}");

        await using var api = ApiClient.Of(server);
        var zones = server.Services.GetRequiredService<ZoneRules>().Zones;
        var summary = await new DemoRun(api, PortsOf(server), LastMonth(), zones, Say).PlayAsync(output, stop);
        var json = JsonSerializer.Serialize(summary, ApiClient.Json);
        await PrivateFiles.WriteAsync(Path.Combine(output, "summary.json"), Encoding.UTF8.GetBytes(json), stop);
        if (isJson)
            Console.WriteLine(json);
        Say($"Invoices and summary.json are in {output}");
        if (once)
            return;
        await (isJson ? Console.Error : Console.Out).WriteLineAsync(await DemoAccess.TextAsync(api, server.Address, options.Data, stop));
        Say($"What runs: {server.Address}   API: {server.Address}docs   stop with Ctrl+C");
        await server.WaitAsync(stop);
    }

    /// <summary>The demo begins anew each time, so that it always shows the same; nothing but its own folder is touched.</summary>
    static async Task<string> FreshFolderAsync(ServerOptions options, CancellationToken stop)
    {
        var folder = Path.Combine(Path.GetFullPath(options.Data), DataFolder.DemoName);
        if (DataFolder.IsTaken(folder))
            throw new StartException($"The data folder {folder} is in use by another server: stop it, or give another folder with --data.");
        await IspServer.DiscardDatabaseAsync(folder, stop);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return folder;
    }

    /// <summary>At the start, so that nobody waits for a month to be played which then cannot be written.</summary>
    static void MakeOutput(string folder)
    {
        try
        {
            PrivateFiles.MakeOuter(folder);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The folder {folder} cannot be made: {cause.Message}", cause);
        }
    }

    public static ServerPorts PortsOf(IspServer server)
    {
        var listeners = server.Services.GetRequiredService<PluginHost>().Listeners.ToDictionary(
            listener => listener.Name, listener => listener.EndPoint.Port);
        if (!listeners.TryGetValue("radius-auth", out var auth) || !listeners.TryGetValue("radius-acct", out var acct))
            throw new StartException("The RADIUS plugin is not loaded: build the whole repository first.");
        return new ServerPorts(server.Address.Port, auth, acct);
    }

    static DateRange LastMonth() => DateRange.Month(SystemClock.Instance.GetCurrentInstant().InUtc().Date.ToYearMonth().PlusMonths(-1));
}
