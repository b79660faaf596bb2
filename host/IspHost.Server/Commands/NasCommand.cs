using System.CommandLine;
using IspHost.Core.Network;

namespace IspHost.Server.Commands;

/// <summary><c>nas</c>: the access servers of a tenant.</summary>
static class NasCommand
{
    public static Command Create() => new("nas", "The access servers of a tenant.") { Add(), List() };

    static Command Add()
    {
        var address = new Option<string>("--address") { Description = "Where its packets come from.", Required = true };
        var secret = new Option<string>("--secret") { Description = "The shared secret.", HelpName = "S", Required = true };
        var vendor = new Option<string>("--vendor")
        {
            Description = "The NAS extension that speaks its dialect, such as mikrotik.",
            DefaultValueFactory = _ => "",
        };
        var lenient = new Option<bool>("--allow-missing-message-authenticator")
        {
            Description = "For old devices: accept Access-Requests without Message-Authenticator (CVE-2024-3596).",
        };
        var port = new Option<int>("--change-port") { Description = "Its port for CoA and Disconnect.", DefaultValueFactory = _ => 3799 };
        var command = new Command(
            "add", "Adds an access server.") { CommonOptions.Tenant, address, secret, vendor, lenient, port }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var nas = await api.PostAsync<NasView>("nas", parsed.GetValue(CommonOptions.Tenant), new NasDetails
            {
                Address = parsed.GetValue(address)!,
                Secret = parsed.GetValue(secret)!,
                Vendor = parsed.GetValue(vendor)!,
                RequireMessageAuthenticator = !parsed.GetValue(lenient),
                ChangePort = parsed.GetValue(port),
            }, stop);
            Output.Write(parsed, nas, $"Access server {nas.Address} was added ({nas.Id}).");
        });
        return command;
    }

    static Command List()
    {
        var command = new Command("list", "Lists the access servers.") { CommonOptions.Tenant }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var devices = await api.ListAsync<NasView>("nas", parsed.GetValue(CommonOptions.Tenant), stop);
            Output.Write(parsed, devices, Output.Table(
                ["NAME", "ADDRESS", "VENDOR"], devices.Select(nas => (IReadOnlyList<string>)[nas.Name, nas.Address, nas.Vendor])));
        });
        return command;
    }
}
