using System.CommandLine;
using IspHost.PluginRuntime;
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
            var data = parsed.GetValue(CommonOptions.Data)!;
            if (parsed.GetValue(CommonOptions.Connection) is { } connection)
                await MigrateGivenAsync(connection, stop);
            else if (DataFolder.Find(data) is null)
                await MigrateAsync(data, connection: null, stop);
            // Else the server that has the folder, and with it the private database, has done it when it started.
            Output.Write(parsed, new { migrated = true }, "The database is up to date.");
        });
        return command;
    }

    /// <summary>A server of this machine may work with the database meanwhile, so its folder is left alone.</summary>
    static async Task MigrateGivenAsync(string connection, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("isphost-migrate-");
        try
        {
            await MigrateAsync(folder.FullName, connection, stop);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task MigrateAsync(string data, string? connection, CancellationToken stop)
    {
        await using var server = await IspServer.StartAsync(new ServerOptions
        {
            Data = data,
            Connection = connection,
            IsOwnerNeeded = true,
            Bind = System.Net.IPAddress.Loopback,
            Http = 0,
            RadiusAuth = 0,
            RadiusAcct = 0,
            Log = LogStyle.Quiet,
        }, stop);
        var refused = server.Services.GetRequiredService<PluginHost>().Status.FirstOrDefault(plugin => plugin.Current is null);
        if (refused is not null)
            throw new StartException($"The plugin {refused.Id} was not brought up to date: {refused.LastError}");
    }
}
