using System.CommandLine;
using System.CommandLine.Invocation;
using IspHost.Server.Client;
using IspHost.Server.Serving;

namespace IspHost.Server.Commands;

/// <summary>The command line: to start a server, and to do what its API does.</summary>
static class CommandLine
{
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("IspHost: what an internet provider runs its business on.")
        {
            ServeCommand.Create(),
            DemoCommand.Create(),
            MigrateCommand.Create(),
            DoctorCommand.Create(),
            TenantsCommand.Create(),
            PlansCommand.Create(),
            NasCommand.Create(),
            ApiKeysCommand.Create(),
            PluginsCommand.Create(),
            PublishersCommand.Create(),
            FlagsCommand.Create(),
            DeliveriesCommand.Create(),
            ScriptCommand.Create(),
            BillingCommand.Create(),
            ImportCommand.Create(),
            AuditCommand.Create(),
            VaultCommand.Create(),
            ApiCommand.Create(),
        };
        var parsed = root.Parse(args);
        // What is wrong is one line. Help comes with it only where a command lacks its second word.
        if (parsed.Action is ParseErrorAction error)
            error.ShowHelp = parsed.CommandResult.Command.Subcommands.Count > 0;
        return parsed.InvokeAsync(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>Runs a command; what goes wrong in a way that its user can mend becomes one line and exit code 1.</summary>
    public static void Does(this Command command, Func<ParseResult, CancellationToken, Task> run)
        => command.SetAction(async (parsed, stop) =>
        {
            try
            {
                await run(parsed, stop);
                return 0;
            }
            catch (Exception cause) when (cause is StartException or RequestException)
            {
                await Console.Error.WriteLineAsync($"isphost: {cause.Message}");
                foreach (var line in (cause as RequestException)?.More ?? [])
                    await Console.Error.WriteLineAsync($"  {line}");
                return 1;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return 130;
            }
        });
}
