using System.CommandLine;
using System.Net;
using IspHost.Server.Client;
using IspHost.Server.Serving;

namespace IspHost.Server.Commands;

/// <summary>Options that several commands have.</summary>
static class CommonOptions
{
    public static Option<string> Data { get; } = new("--data")
    {
        Description = "The server's folder.",
        HelpName = "DIR",
        DefaultValueFactory = _ => ServerOptions.DefaultData,
        Recursive = true,
    };

    public static Option<string?> Connection { get; } = new("--connection")
    {
        Description = "The database, instead of the private PostgreSQL.",
        HelpName = "STRING",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("ISPHOST_CONNECTION"),
    };

    public static Option<int> Http { get; } = Port("--http", "The HTTP port, for this machine; 0 for any free one.", 8080);

    public static Option<int> Https { get; } = Port("--https", "The HTTPS port, with a certificate; 0 for any free one.", 8443);

    public static Option<bool> AllowPlainHttp { get; } = new("--allow-plain-http")
    {
        Description = "Serve HTTP without encryption to other machines too: API keys and passwords cross the wire in clear.",
    };

    public static Option<int> RadiusAuth { get; } = Port("--radius-auth", "The UDP port for authentication; 0 for any free one.", 1812);

    public static Option<int> RadiusAcct { get; } = Port("--radius-acct", "The UDP port for accounting; 0 for any free one.", 1813);

    /// <summary>A share of the connections to the database.</summary>
    public static Option<int?> Connections(string name, string description) => Count(name, description, least: 2);

    public static Option<int?> Count(string name, string description, int least) => new(name)
    {
        Description = description,
        HelpName = "N",
        Validators =
        {
            result =>
            {
                if (result.Tokens.Count == 1 && !(int.TryParse(result.Tokens[0].Value, out var count) && count >= least && count <= 10_000))
                    result.AddError($"{name} must be {least} to 10000.");
            },
        },
    };

    public static Option<IPAddress> Address(string name, string description, IPAddress value) => new(name)
    {
        Description = description,
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => value,
        CustomParser = result => IPAddress.TryParse(result.Tokens.Single().Value, out var parsed)
            ? parsed
            : Fail(result, "is not an IP address"),
    };

    public static Option<bool> Json { get; } = new("--json") { Description = "Answer in JSON." };

    public static Option<string> Tenant { get; } =
        new("--tenant") { Description = "The code of the tenant.", HelpName = "CODE", Required = true };

    /// <summary>The command speaks to the server that has the data folder, or to one that it starts for itself.</summary>
    public static Command OnServer(this Command command)
    {
        command.Add(Data);
        command.Add(Connection);
        command.Add(Json);
        return command;
    }

    /// <summary>A way to the API, as the operator or for a tenant.</summary>
    public static Task<ApiClient> ConnectAsync(ParseResult parsed, CancellationToken cancellationToken)
        => ApiClient.ConnectAsync(parsed.GetValue(Data)!, parsed.GetValue(Connection), cancellationToken);

    static Option<int> Port(string name, string description, int value) => new(name)
    {
        Description = description,
        HelpName = "PORT",
        DefaultValueFactory = _ => value,
        Validators =
        {
            result =>
            {
                if (result.Tokens.Count == 1 && !(int.TryParse(result.Tokens[0].Value, out var port) && port is >= 0 and <= 65_535))
                    result.AddError($"{name} must be 0 to 65535.");
            },
        },
    };

    static IPAddress Fail(System.CommandLine.Parsing.ArgumentResult result, string rule)
    {
        result.AddError($"'{result.Tokens.Single().Value}' {rule}.");
        return IPAddress.None;
    }
}
