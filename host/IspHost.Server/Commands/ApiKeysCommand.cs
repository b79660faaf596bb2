using System.CommandLine;
using IspHost.Core.ApiKeys;

namespace IspHost.Server.Commands;

/// <summary><c>apikeys</c>: the keys to a tenant's API.</summary>
static class ApiKeysCommand
{
    public static Command Create() => new("apikeys", "The keys to a tenant's API.") { CreateKey() };

    static Command CreateKey()
    {
        var name = new Option<string>("--name") { Description = "What it is for.", DefaultValueFactory = _ => "command line" };
        var command = new Command("create", "Makes a key. It is shown this once.") { CommonOptions.Tenant, name }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var key = await api.PostAsync<NewApiKeyView>(
                "api-keys", parsed.GetValue(CommonOptions.Tenant), new NewApiKey(parsed.GetValue(name)!), stop);
            Output.Write(parsed, key, key.Key!);
        });
        return command;
    }
}
