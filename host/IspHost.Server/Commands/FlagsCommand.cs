using System.CommandLine;
using System.Text;
using IspHost.Core.FeatureFlags;
using IspHost.Server.Serving;

namespace IspHost.Server.Commands;

/// <summary><c>flags</c>: what is being rolled out, and to whom.</summary>
static class FlagsCommand
{
    static readonly Argument<string> Flag = new("flag") { Description = "The flag's name.", HelpName = "FLAG" };

    public static Command Create() => new("flags", "What is being rolled out, and to whom.") { List(), Set(), Delete(), Explain() };

    static Command List()
    {
        var command = new Command("list", "Lists the flags.").OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var flags = await api.ListAsync<FlagView>("feature-flags", null, stop);
            Output.Write(parsed, flags, Output.Table(
                ["FLAG", "ON FOR", "CHANGED"],
                flags.Select(flag => (IReadOnlyList<string>)[flag.Name, FlagWords.Of(flag.Terms), $"{flag.ChangedAt}"])));
        });
        return command;
    }

    static Command Set()
    {
        var file = new Option<FileInfo?>("--file")
        {
            Description = "All its terms as JSON, in place of those it has: docs/operators/flags.md describes them.",
            HelpName = "terms.json",
        };
        var changes = new FlagOptions();
        var command = new Command("set", "Makes a flag, or changes what is given and keeps the rest.") { Flag, file }.OnServer();
        changes.AddTo(command);
        command.Does(async (parsed, stop) =>
        {
            var path = PathOf(parsed);
            if (parsed.GetValue(file) is not null && changes.AreGiven(parsed))
                throw new StartException("--file says all of a flag: leave the other options out.");
            // The text goes as it is, so that what is wrong in it is told by the one who knows the rules.
            using var text = parsed.GetValue(file) is { } given
                ? new StringContent(await Files.ReadAsync(given, stop), Encoding.UTF8, "application/json")
                : null;
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var flag = text is null
                ? await api.ChangeAsync<FlagView>(path, known => changes.Apply(parsed, known?.Terms ?? new FlagTerms()), stop)
                : await api.PutAsync<FlagView>(path, null, text, stop);
            Output.Write(parsed, flag, $"{flag.Name}: {FlagWords.Of(flag.Terms)}.");
        });
        return command;
    }

    static Command Delete()
    {
        var command = new Command("delete", "Removes a flag: what is behind it is off for everybody.") { Flag }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            await api.DeleteAsync(PathOf(parsed), null, stop);
            Output.Write(parsed, new { Removed = parsed.GetValue(Flag) }, $"{parsed.GetValue(Flag)} was removed.");
        });
        return command;
    }

    static Command Explain()
    {
        var customer = new Option<Guid?>("--customer") { Description = "A customer of the tenant.", HelpName = "ID" };
        var command = new Command("explain", "Says whether a flag is on for somebody, and why.")
        {
            Flag, CommonOptions.Tenant, customer,
        }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var path = $"{PathOf(parsed)}/explain?tenant={Uri.EscapeDataString(parsed.GetValue(CommonOptions.Tenant)!)}";
            if (parsed.GetValue(customer) is { } one)
                path += $"&customer={one}";
            var explanation = await api.GetAsync<FlagExplanation>(path, null, stop);
            Output.Write(parsed, explanation, FlagWords.Of(explanation));
        });
        return command;
    }

    static string PathOf(ParseResult parsed) => $"feature-flags/{Uri.EscapeDataString(parsed.GetValue(Flag)!)}";
}
