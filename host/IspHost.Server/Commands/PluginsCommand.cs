using System.CommandLine;
using IspHost.Core.Plugins;
using IspHost.PluginRuntime;

namespace IspHost.Server.Commands;

/// <summary><c>plugins</c>: what the node runs, and how to replace it while it runs.</summary>
static class PluginsCommand
{
    public static Command Create()
    {
        var command = new Command("plugins", "What the node runs, how to replace it while it runs, and packages to install.")
        {
            List(), Load(), Replace(), Remove(),
        };
        foreach (var one in PackageCommands.Create())
            command.Add(one);
        return command;
    }

    static Command List()
    {
        var command = new Command("list", "Lists the plugins.").OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var plugins = await api.ListAsync<PluginStatus>("plugins", null, stop);
            Output.Write(parsed, plugins, Output.Table(
                ["PLUGIN", "VERSION", "GENERATION", "STATE", "BEFORE", "ERROR"],
                plugins.Select(plugin => (IReadOnlyList<string>)
                [
                    plugin.Id, plugin.Current?.Version ?? "", $"{plugin.Current?.Number}", $"{plugin.State}", Before(plugin),
                    plugin.LastError ?? "",
                ])));
        });
        return command;
    }

    /// <summary>Generations that do not serve any more, and are still there.</summary>
    internal static string Before(PluginStatus plugin) => string.Join(", ",
        new (int Count, string State)[]
        {
            (plugin.Draining, "draining"), (plugin.Dying, "unloaded and not seen to be gone"), (plugin.LeakedContexts, "still in memory"),
        }.Where(some => some.Count > 0).Select(some => $"{some.Count} {some.State}"));

    static Command Load()
    {
        var folder = new Argument<string>("folder")
        {
            Description = "The folder below the node's plugin roots.",
            HelpName = "NAME",
        };
        var command = new Command("load", "Loads a plugin that does not serve: a new one, or one that was refused and is mended.")
        {
            folder,
        }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var plugin = await api.PostAsync<PluginStatus>("plugins", null, new PluginFolder(parsed.GetValue(folder)!), stop);
            Output.Write(parsed, plugin, $"{plugin.Id} {plugin.Current?.Version} serves.");
        });
        return command;
    }

    static Command Remove()
    {
        var id = new Argument<string>("id") { Description = "The plugin.", HelpName = "PLUGIN" };
        var command = new Command("remove", "Takes a plugin away from the node. Its tables and their rows stay.") { id }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            var plugin = parsed.GetValue(id)!;
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            await api.DeleteAsync($"plugins/{Uri.EscapeDataString(plugin)}", null, stop);
            Output.Write(parsed, new { removed = plugin }, $"{plugin} is removed.");
        });
        return command;
    }

    static Command Replace()
    {
        var id = new Argument<string>("id") { Description = "The plugin.", HelpName = "PLUGIN" };
        var folder = new Option<string?>("--folder")
        {
            Description = "The folder below the node's plugin roots; by default the one named like the plugin.",
        };
        var command = new Command(
            "replace", "Puts another generation of a plugin in the place of the one that serves.") { id, folder }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            var plugin = parsed.GetValue(id)!;
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var report = await api.PostAsync<ReplacementView>(
                $"plugins/{Uri.EscapeDataString(plugin)}/replace", null, new PluginFolder(parsed.GetValue(folder) ?? plugin), stop);
            Output.Write(parsed, report,
                $"{report.Id} {report.From.Version} (generation {report.From.Number}) was replaced by "
                + $"{report.To.Version} (generation {report.To.Number}); "
                + $"the old one {(report.Old.Drained ? "drained" : "did not drain in time")} "
                + $"and {(report.Old.Unloaded ? "is gone from memory" : "is not seen to be gone from memory yet")}.");
        });
        return command;
    }
}
