using IspHost.Core.Tenants;
using IspHost.PluginRuntime;
using IspHost.Server.Commands;

namespace IspHost.Server.Tests;

public sealed class Tenants_on_the_command_line(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_made_with_all_that_stands_on_their_invoices_and_changed_field_by_field()
    {
        var code = $"t{Guid.NewGuid():N}"[..16];
        await DoAsync(
            "tenants", "create", code, "--currency", "EUR", "--zone", "Europe/Athens",
            "--address", "7 Cable Road", "--address", "54321 Port", "--tax-number", "EL123456789", "--tax-engine", "vat");
        var made = await server.Operator.GetAsync<TenantView>($"tenants/{code}", null, Stop);

        await DoAsync("tenants", "update", code, "--name", "Acme Networks Ltd");
        var changed = await server.Operator.GetAsync<TenantView>($"tenants/{code}", null, Stop);

        Assert.Equal((code, "EL123456789", "vat", "GR"), (made.LegalName, made.TaxNumber, made.TaxEngine, made.Country));
        Assert.Equal(["7 Cable Road", "54321 Port"], made.Address);
        Assert.Equal(("Acme Networks Ltd", "EL123456789"), (changed.LegalName, changed.TaxNumber));
        Assert.Equal(made.Address, changed.Address);
    }

    [Fact]
    public async Task Get_no_tax_engine_that_nothing_offers()
    {
        var code = await server.AddTenantAsync();

        var (exit, _, errors) = await ProgramUnderTest.RunAsync(
            "tenants", "update", code, "--tax-engine", "nonesuch", "--data", server.Data);

        Assert.Equal(1, exit);
        Assert.Contains("tax_engine", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_plugins_shows_generations_that_should_be_gone()
    {
        var status = new PluginStatus
        {
            Id = "greets",
            Name = "Greets",
            State = PluginState.Active,
            Since = default,
            OpenLeases = 0,
            Draining = 1,
            Dying = 0,
            LeakedContexts = 2,
            Offers = [],
            OpenBreakers = [],
        };

        Assert.Equal("1 draining, 2 still in memory", PluginsCommand.Before(status));
        Assert.Equal("", PluginsCommand.Before(status with { Draining = 0, LeakedContexts = 0 }));
    }

    async Task DoAsync(params string[] words)
    {
        var (exit, _, errors) = await ProgramUnderTest.RunAsync([.. words, "--data", server.Data]);
        Assert.True(exit == 0, errors);
    }
}
