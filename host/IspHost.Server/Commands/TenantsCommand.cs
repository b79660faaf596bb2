using System.CommandLine;
using IspHost.Core.Tenants;

namespace IspHost.Server.Commands;

/// <summary><c>tenants</c>: the ISPs on this host.</summary>
static class TenantsCommand
{
    public static Command Create() => new("tenants", "The ISPs on this host.") { CreateTenant(), List() };

    static Command CreateTenant()
    {
        var code = new Argument<string>("code") { Description = "Lower-case letters, digits and hyphens, at most 32.", HelpName = "CODE" };
        var currency = new Option<string>("--currency") { Description = "ISO 4217.", Required = true };
        var zone = new Option<string>("--zone") { Description = "An IANA time zone, such as Europe/Athens.", Required = true };
        var name = new Option<string?>("--name") { Description = "The name on invoices." };
        var country = new Option<string?>("--country") { Description = "ISO 3166 alpha-2; by default that of the zone." };
        var command = new Command("create", "Adds a tenant.") { code, currency, zone, name, country }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var tenant = await api.PostAsync<TenantView>("tenants", null, new
            {
                Code = parsed.GetValue(code)!,
                Currency = parsed.GetValue(currency)!,
                Zone = parsed.GetValue(zone)!,
                LegalName = parsed.GetValue(name),
                Country = parsed.GetValue(country),
            }, stop);
            Output.Write(parsed, tenant, $"Tenant {tenant.Code} was created ({tenant.Id}).");
        });
        return command;
    }

    static Command List()
    {
        var command = new Command("list", "Lists the tenants.").OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var tenants = await api.ListAsync<TenantView>("tenants", null, stop);
            Output.Write(parsed, tenants, Output.Table(
                ["CODE", "NAME", "CURRENCY", "ZONE"],
                tenants.Select(tenant => (IReadOnlyList<string>)[tenant.Code, tenant.LegalName, tenant.Currency.Code, tenant.Zone])));
        });
        return command;
    }
}
