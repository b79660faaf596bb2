using System.CommandLine;
using IspHost.Core.Tenants;

namespace IspHost.Server.Commands;

/// <summary><c>tenants</c>: the ISPs on this host.</summary>
static class TenantsCommand
{
    public static Command Create() => new("tenants", "The ISPs on this host.") { CreateTenant(), Update(), List() };

    static Command CreateTenant()
    {
        var code = new Argument<string>("code") { Description = "Lower-case letters, digits and hyphens, at most 32.", HelpName = "CODE" };
        var currency = new Option<string>("--currency") { Description = "ISO 4217.", Required = true };
        var zone = new Option<string>("--zone") { Description = "An IANA time zone, such as Europe/Athens.", Required = true };
        var details = new Details();
        var command = new Command("create", "Adds a tenant.") { code, currency, zone }.OnServer();
        details.AddTo(command);
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var request = details.Given(parsed);
            (request["code"], request["currency"], request["zone"])
                = (parsed.GetValue(code), parsed.GetValue(currency), parsed.GetValue(zone));
            var tenant = await api.PostAsync<TenantView>("tenants", null, request, stop);
            Output.Write(parsed, tenant, $"Tenant {tenant.Code} was created ({tenant.Id}).");
        });
        return command;
    }

    static Command Update()
    {
        var code = new Argument<string>("code") { Description = "The tenant.", HelpName = "CODE" };
        var details = new Details();
        var command = new Command("update", "Changes what is given, and keeps the rest. Invoices that are there stay as they are.")
        {
            code,
        }.OnServer();
        details.AddTo(command);
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var path = $"tenants/{Uri.EscapeDataString(parsed.GetValue(code)!)}";
            var tenant = await api.PatchAsync<TenantView>(path, details.Given(parsed), stop);
            Output.Write(parsed, tenant, $"Tenant {tenant.Code} was changed.");
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
                ["CODE", "NAME", "CURRENCY", "ZONE", "TAX ENGINE"],
                tenants.Select(tenant => (IReadOnlyList<string>)
                    [tenant.Code, tenant.LegalName, tenant.Currency.Code, tenant.Zone, tenant.TaxEngine])));
        });
        return command;
    }

    /// <summary>What stands on a tenant's invoices, and who computes its taxes.</summary>
    sealed class Details
    {
        readonly Option<string> name = new("--name") { Description = "The name on invoices." };
        readonly Option<string[]> address = new("--address")
        {
            Description = "A line of the address on invoices; given again for each line.",
            HelpName = "LINE",
        };

        readonly Option<string> taxNumber = new("--tax-number") { Description = "The VAT or sales tax number." };
        readonly Option<string> country = new("--country") { Description = "ISO 3166 alpha-2; by default that of the zone." };
        readonly Option<string> taxEngine = new("--tax-engine")
        {
            Description = "The extension that computes taxes, which a plugin must offer; by default vat.",
            HelpName = "NAME",
        };

        public void AddTo(Command command)
        {
            foreach (var option in (Option[])[name, address, taxNumber, country, taxEngine])
                command.Add(option);
        }

        /// <summary>The fields that are given.</summary>
        public Dictionary<string, object?> Given(ParseResult parsed)
        {
            var fields = new (string Field, Option Option, object? Value)[]
            {
                ("legal_name", name, parsed.GetValue(name)),
                ("address", address, parsed.GetValue(address)),
                ("tax_number", taxNumber, parsed.GetValue(taxNumber)),
                ("country", country, parsed.GetValue(country)),
                ("tax_engine", taxEngine, parsed.GetValue(taxEngine)),
            };
            return fields.Where(field => parsed.GetResult(field.Option) is not null)
                .ToDictionary(field => field.Field, field => field.Value);
        }
    }
}
