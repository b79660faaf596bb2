using System.CommandLine;
using System.Net;
using IspHost.Server.Serving;

namespace IspHost.Server.Commands;

/// <summary><c>serve</c>: runs a node until it is told to stop.</summary>
static class ServeCommand
{
    public static Command Create()
    {
        var bind = CommonOptions.Address("--bind", "The address that RADIUS and HTTPS listen on.", IPAddress.Any);
        var certificate = new Option<string?>("--certificate")
        {
            Description = "The certificate for HTTPS, PEM or PFX; its password, if it has one, is in ISPHOST_CERTIFICATE_PASSWORD.",
            HelpName = "FILE",
        };
        var key = new Option<string?>("--certificate-key")
        {
            Description = "The certificate's key in PEM, if it is not in the same file.",
            HelpName = "FILE",
        };
        var proxies = new Option<IPNetwork[]>("--proxy")
        {
            Description = "A proxy whose X-Forwarded-For and X-Forwarded-Proto are believed: an address or a network. May be repeated.",
            HelpName = "ADDRESS",
            CustomParser = ParseProxies,
            DefaultValueFactory = _ => [],
        };
        var log = new Option<LogStyle>("--log")
        {
            Description = "How to log; also ISPHOST_LOG.",
            DefaultValueFactory = _ => LogOfEnvironment(),
        };
        var cluster = CommonOptions.Address("--cluster-address", "The address at which other nodes reach this one.", IPAddress.Loopback);
        var local = new Option<bool>("--allow-local-devices")
        {
            Description = "Let tenants' access servers have loopback, link-local and metadata addresses.",
        };
        var packets = CommonOptions.Connections("--packet-connections", "Connections to the database for RADIUS.");
        var requests = CommonOptions.Connections("--request-connections", "Connections to the database for the API.");
        var work = CommonOptions.Connections("--work-connections", "Connections to the database for jobs and events.");
        var atOnce = CommonOptions.Count(
            "--work-at-once", "Jobs and events that compute at once while packets come; by default half the processors.", least: 1);
        var command = new Command("serve", "Starts a server. Without --connection it keeps a PostgreSQL of its own.")
        {
            CommonOptions.Data, CommonOptions.Http, CommonOptions.Https, certificate, key, CommonOptions.AllowPlainHttp, proxies,
            CommonOptions.RadiusAuth, CommonOptions.RadiusAcct, CommonOptions.Connection, bind, cluster, local, log,
            packets, requests, work, atOnce, CommonOptions.Json,
        };
        command.Does(async (parsed, stop) =>
        {
            var options = OptionsOf(parsed) with
            {
                Bind = parsed.GetValue(bind)!,
                Https = parsed.GetValue(CommonOptions.Https),
                Certificate = parsed.GetValue(certificate) is { } file
                    ? new CertificateFiles(file, parsed.GetValue(key), Environment.GetEnvironmentVariable("ISPHOST_CERTIFICATE_PASSWORD"))
                    : null,
                Proxies = parsed.GetValue(proxies)!,
                ClusterAddress = parsed.GetValue(cluster)!,
                AllowLocalDevices = parsed.GetValue(local),
                Log = parsed.GetValue(log),
                Connections = new()
                {
                    Packets = parsed.GetValue(packets),
                    Requests = parsed.GetValue(requests),
                    Work = parsed.GetValue(work),
                },
                Work = parsed.GetValue(atOnce) is { } turns ? new() { Turns = turns } : new(),
            };
            await using var server = await IspServer.StartAsync(options, stop);
            Output.Write(parsed, new { address = server.Address, process = Environment.ProcessId }, $"Serving at {server.Address}");
            await server.WaitAsync(stop);
        });
        return command;
    }

    static IPNetwork[] ParseProxies(System.CommandLine.Parsing.ArgumentResult result)
    {
        var networks = new List<IPNetwork>();
        foreach (var token in result.Tokens.Select(token => token.Value))
        {
            if (IPAddress.TryParse(token, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else if (IPNetwork.TryParse(token, out var network))
                networks.Add(network);
            else
                result.AddError($"'{token}' is neither an IP address nor a network such as 192.0.2.0/24.");
        }
        return [.. networks];
    }

    static LogStyle LogOfEnvironment()
        => Enum.TryParse<LogStyle>(Environment.GetEnvironmentVariable("ISPHOST_LOG"), ignoreCase: true, out var style)
            ? style
            : LogStyle.Text;

    /// <summary>The options that <c>serve</c> and <c>demo</c> share.</summary>
    public static ServerOptions OptionsOf(ParseResult parsed) => new()
    {
        Data = parsed.GetValue(CommonOptions.Data)!,
        Http = parsed.GetValue(CommonOptions.Http),
        IsPlainHttpAllowed = parsed.GetValue(CommonOptions.AllowPlainHttp),
        RadiusAuth = parsed.GetValue(CommonOptions.RadiusAuth),
        RadiusAcct = parsed.GetValue(CommonOptions.RadiusAcct),
        Connection = parsed.GetValue(CommonOptions.Connection),
    };
}
