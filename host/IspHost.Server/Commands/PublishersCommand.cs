using System.CommandLine;
using System.Globalization;
using IspHost.Core.Plugins;
using IspHost.PluginRuntime;
using NodaTime;

namespace IspHost.Server.Commands;

/// <summary><c>publishers</c>: whose packages are taken.</summary>
static class PublishersCommand
{
    public static Command Create() => new("publishers", "Whose packages of plugins are taken.") { Add(), List(), Revoke() };

    static Command Add()
    {
        var name = new Argument<string>("name") { Description = "The publisher: the same for all their keys.", HelpName = "NAME" };
        var key = new Option<FileInfo>("--key") { Description = "The public key.", HelpName = "KEY.pub.pem", Required = true };
        var tier = new Option<PublisherTier>("--tier")
        {
            Description = "How far the publisher is trusted: FirstParty, Trusted or Local.",
            DefaultValueFactory = _ => PublisherTier.Trusted,
        };
        var command = new Command("add", "Adds a key. Compare its fingerprint with the publisher's word.") { name, key, tier }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            var pem = await Files.ReadAsync(parsed.GetValue(key)!, stop);
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var added = await api.PostAsync<PublisherView>(
                "publishers", null, new NewPublisher(parsed.GetValue(name)!, pem, parsed.GetValue(tier)), stop);
            Output.Write(parsed, added, $"Packages of {added.Name} are taken if they are signed with the key {added.Fingerprint}.");
        });
        return command;
    }

    static Command List()
    {
        var command = new Command("list", "Lists the keys.").OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var keys = await api.ListAsync<PublisherView>("publishers", null, stop);
            Output.Write(parsed, keys, Output.Table(
                ["PUBLISHER", "TIER", "REVOKED", "FINGERPRINT"],
                keys.Select(key => (IReadOnlyList<string>)[key.Name, $"{key.Tier}", Text(key.RevokedAt), key.Fingerprint])));
        });
        return command;
    }

    static Command Revoke()
    {
        var fingerprint = new Argument<string>("fingerprint") { Description = "The key's.", HelpName = "FINGERPRINT" };
        var command = new Command("revoke", "Ends a key: nothing is taken or loaded any more that it signed.") { fingerprint }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var revoked = await api.PostAsync<PublisherView>(
                $"publishers/{Uri.EscapeDataString(parsed.GetValue(fingerprint)!)}/revoke", null, body: null, stop);
            Output.Write(parsed, revoked, $"The key {revoked.Fingerprint} of {revoked.Name} counts no more.");
        });
        return command;
    }

    static string Text(Instant? instant) => instant?.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture) ?? "";
}
