using System.CommandLine;
using IspHost.Server.Serving;

namespace IspHost.Server.Commands;

/// <summary><c>migrate</c>: brings the schemas up to date as their owner, so that servers can run as the application.</summary>
static class MigrateCommand
{
    public static Command Create()
    {
        var command = new Command(
            "migrate",
            "Brings the database up to date. --connection is the owner's; servers may then run with the application's.").OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var server = await IspServer.StartAsync(new ServerOptions
            {
                Data = parsed.GetValue(CommonOptions.Data)!,
                Connection = parsed.GetValue(CommonOptions.Connection),
                Bind = System.Net.IPAddress.Loopback,
                Http = 0,
                RadiusAuth = 0,
                RadiusAcct = 0,
                Log = LogStyle.Quiet,
            }, stop);
            Output.Write(parsed, new { migrated = true }, "The database is up to date.");
        });
        return command;
    }
}
