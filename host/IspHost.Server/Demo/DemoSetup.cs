using System.Text.Json;
using IspHost.Core.Catalog;
using IspHost.Core.Customers;
using IspHost.Core.Network;
using IspHost.Core.Pricing;
using IspHost.Core.Subscriptions;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Server.Client;
using NodaTime;

namespace IspHost.Server.Demo;

/// <summary>Sets a provider up through the API, as an operator would.</summary>
sealed class DemoSetup(ApiClient api)
{
    public async Task CreateAsync(DemoIsp isp, Instant now, CancellationToken cancellationToken)
    {
        await api.PostAsync<TenantView>("tenants", null, new NewTenant
        {
            Code = isp.Code,
            Currency = Currency.Of(isp.Currency),
            Zone = isp.Zone,
            LegalName = isp.Name,
            Address = isp.Address,
        }, cancellationToken);
        await api.PutAsync<TenantView>($"tenants/{isp.Code}/clock", null, new ClockTime(now), cancellationToken);
        // There both have the one loopback address that there is.
        if (OperatingSystem.IsMacOS())
            await api.PutAsync<DeviceAddressView>($"device-addresses/{isp.Nas}/tenants/{isp.Code}", null, new { }, cancellationToken);
        await api.PostAsync<NasView>("nas", isp.Code, new NasDetails
        {
            Name = "demo access server",
            Address = isp.Nas.ToString(),
            Secret = isp.Secret,
            Vendor = "mikrotik",
            RequireMessageAuthenticator = true,
        }, cancellationToken);
        await AddPoolAsync(isp, cancellationToken);
        await api.PostAsync<ScriptView>("price-scripts", isp.Code, new NewScript(isp.ScriptName, isp.Script), cancellationToken);
        foreach (var plan in isp.Plans)
            await api.PostAsync<JsonElement>("plans", isp.Code, TermsOf(plan, isp), cancellationToken);
        foreach (var customer in isp.Customers)
            await AddCustomerAsync(isp, customer, cancellationToken);
    }

    async Task AddPoolAsync(DemoIsp isp, CancellationToken cancellationToken)
    {
        await api.PostAsync<PoolView>("address-pools", isp.Code, new NewPool("home"), cancellationToken);
        NewPrefix[] prefixes =
            [new("100.64.0.0/16", AddressKind.V4), new("2001:db8::/40", AddressKind.V6), new("2001:db8:8000::/36", AddressKind.Delegated)];
        foreach (var prefix in prefixes)
            await api.PostAsync<PrefixView>("address-pools/home/prefixes", isp.Code, prefix, cancellationToken);
    }

    async Task AddCustomerAsync(DemoIsp isp, DemoCustomer customer, CancellationToken cancellationToken)
    {
        var added = await api.PostAsync<Sdk.Customers.Customer>("customers", isp.Code, new CustomerDetails
        {
            Name = customer.Name,
            Email = $"{customer.UserName}@{isp.Code}.example",
        }, cancellationToken);
        await api.PostAsync<SubscriptionView>("subscriptions", isp.Code, new NewSubscription
        {
            Customer = added.Id,
            Plan = customer.Plan,
            UserName = customer.UserName,
            Password = customer.Password,
        }, cancellationToken);
    }

    static PlanTerms TermsOf(DemoPlan plan, DemoIsp isp) => new()
    {
        Code = plan.Code,
        Name = plan.Name,
        Network = new NetworkTerms { Up = BitRate.FromMegabits(plan.Up), Down = BitRate.FromMegabits(plan.Down), Pool = "home" },
        Price = new PlanPrice
        {
            Recurring = new Money(Amount(plan.Recurring), Currency.Of(isp.Currency)),
            Usage = new UsagePrice { Rule = "script", Script = isp.ScriptName, Rate = Amount(plan.Rate) },
        },
    };

    static decimal Amount(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
