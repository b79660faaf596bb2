using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Server.Commands;

namespace IspHost.Server.Tests;

[CollectionDefinition]
public sealed class TwoProvidersOnOneServer : ICollectionFixture<TwoProviders>;

/// <summary>Two providers on one server, each with subscribers who were online and have been billed.</summary>
public sealed class TwoProviders(ServerFixture server) : IAsyncLifetime
{
    const int Subscribers = 3;

    internal TenantId Mine { get; private set; }

    internal TenantId Theirs { get; private set; }

    internal ServerFixture Server => server;

    internal IReadOnlyList<Provider> All { get; private set; } = [];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        All = [await LiveAsync(which: 0), await LiveAsync(which: 1)];
        (Mine, Theirs) = (await IdOfAsync(All[0]), await IdOfAsync(All[1]));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    async Task<Provider> LiveAsync(int which)
    {
        var provider = await Provider.CreateAsync(server.Operator, Subscribers, which);
        using (var nas = await provider.AccessServerAsync(server.Ports))
            Assert.True(await nas.PlayAsync(Provider.Session(1, 1), Stop));
        await provider.EndMonthAsync(server.Operator);
        await BillingCommand.BillAsync(server.Operator, provider.Code, Provider.Period, Stop);
        return provider;
    }

    async Task<TenantId> IdOfAsync(Provider provider)
        => (await server.Operator.GetAsync<TenantView>($"tenants/{provider.Code}", null, Stop)).Id;
}
