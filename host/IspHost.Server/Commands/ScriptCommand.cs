using System.CommandLine;
using IspHost.Core.Pricing;
using IspHost.Scripting;
using IspHost.Sdk;
using IspHost.Server.Serving;

namespace IspHost.Server.Commands;

/// <summary><c>script</c>: checks price scripts. It needs no server and no database.</summary>
static class ScriptCommand
{
    /// <summary>Who writes a script on their own machine shares it with nobody.</summary>
    static readonly TenantId Author = TenantId.New();

    public static Command Create() => new("script", "Checks price scripts.") { Check() };

    static Command Check()
    {
        var files = new Argument<FileInfo[]>("files") { Description = "The scripts.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var command = new Command(
            "check", "Compiles each script and runs it on a sample: a line for each file.") { files, CommonOptions.Json };
        command.Does(async (parsed, stop) =>
        {
            await using var scripts = Start();
            var isJson = parsed.GetValue(CommonOptions.Json);
            var checks = new List<object>();
            foreach (var file in parsed.GetValue(files)!)
            {
                var check = await ScriptCheck.RunAsync(scripts, Author, await Files.ReadAsync(file, stop), stop);
                checks.Add(new { file = file.ToString(), check });
                if (!isJson)
                    Console.WriteLine($"{file}: {check}");
            }
            if (isJson)
                Output.WriteJson(checks);
        });
        return command;
    }

    static PriceScripts Start()
    {
        try
        {
            return new PriceScripts(new ScriptOptions { Without = ScriptLayers.LackingHere });
        }
        catch (FileNotFoundException cause)
        {
            throw new StartException(cause.Message, cause);
        }
    }
}
