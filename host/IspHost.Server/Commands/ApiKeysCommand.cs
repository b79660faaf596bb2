using System.CommandLine;
using System.Globalization;
using IspHost.Core.ApiKeys;
using NodaTime;
using NodaTime.Text;

namespace IspHost.Server.Commands;

/// <summary><c>apikeys</c>: the keys to the API, of a tenant or of the operator.</summary>
static class ApiKeysCommand
{
    static readonly Option<string?> Tenant = new("--tenant") { Description = "The code of the tenant.", HelpName = "CODE" };

    static readonly Option<bool> Operator = new("--operator") { Description = "A key of the operator, instead of a tenant's." };

    public static Command Create() => new("apikeys", "The keys to the API.") { CreateKey(), List(), Revoke() };

    static Command CreateKey()
    {
        var name = new Option<string>("--name") { Description = "What it is for.", DefaultValueFactory = _ => "command line" };
        var scopes = new Option<string[]>("--scope")
        {
            Description = "What it may do: read, all, AREA:read or AREA:write. May be given more than once; by default all.",
            HelpName = "SCOPE",
            AllowMultipleArgumentsPerToken = true,
        };
        var expires = new Option<Instant?>("--expires")
        {
            Description = "The day, in UTC, at whose beginning it ends; by default never.",
            HelpName = "YYYY-MM-DD",
            CustomParser = result =>
            {
                var day = LocalDatePattern.Iso.Parse(result.Tokens.Single().Value);
                if (!day.Success)
                    result.AddError($"'{result.Tokens.Single().Value}' is not a day like 2027-01-31.");
                return day.Success ? day.Value.AtStartOfDayInZone(DateTimeZone.Utc).ToInstant() : null;
            },
        };
        var command = ForOne(new Command("create", "Makes a key. It is shown this once.") { name, scopes, expires });
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var wanted = parsed.GetValue(scopes) is { Length: > 0 } given ? given : null;
            var key = await api.PostAsync<IssuedApiKeyView>(
                PathOf(parsed), parsed.GetValue(Tenant), new NewApiKey(parsed.GetValue(name)!, wanted, parsed.GetValue(expires)), stop);
            Output.Write(parsed, key, key.Key!);
        });
        return command;
    }

    static Command List()
    {
        var command = ForOne(new Command("list", "Lists the keys, without their secrets."));
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var keys = await api.ListAsync<ApiKeyView>(PathOf(parsed), parsed.GetValue(Tenant), stop);
            Output.Write(parsed, keys, Output.Table(
                ["PREFIX", "NAME", "SCOPES", "EXPIRES", "LAST USED", "REVOKED"],
                keys.Select(key => (IReadOnlyList<string>)
                    [key.Prefix, key.Name, string.Join(' ', key.Scopes), Text(key.ExpiresAt), Text(key.LastUsedAt), Text(key.RevokedAt)])));
        });
        return command;
    }

    static Command Revoke()
    {
        var prefix = new Argument<string>("prefix") { Description = "The key's public part, after isp_TENANT_.", HelpName = "PREFIX" };
        var command = ForOne(new Command("revoke", "Ends a key, on all nodes within about a second.") { prefix });
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            await api.DeleteAsync($"{PathOf(parsed)}/{Uri.EscapeDataString(parsed.GetValue(prefix)!)}", parsed.GetValue(Tenant), stop);
            Output.Write(parsed, new { revoked = parsed.GetValue(prefix) }, $"The key {parsed.GetValue(prefix)} has ended.");
        });
        return command;
    }

    static Command ForOne(Command command)
    {
        command.Add(Tenant);
        command.Add(Operator);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Operator) == (result.GetValue(Tenant) is not null))
                result.AddError("Give either --tenant CODE or --operator.");
        });
        return command.OnServer();
    }

    static string PathOf(ParseResult parsed) => parsed.GetValue(Operator) ? "operator-keys" : "api-keys";

    static string Text(Instant? instant) => instant?.ToString("uuuu-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";
}
