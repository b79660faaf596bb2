using System.Net;
using IspHost.Core.ApiKeys;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Server.Client;
using IspHost.Server.Serving;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(IspHost.Server.Tests.ServerFixture))]
[assembly: AssemblyFixture(typeof(IspHost.Testing.PostgresFixture))]
[assembly: TestCollectionOrderer(typeof(IspHost.Testing.LongestFirst))]

namespace IspHost.Server.Tests;

/// <summary>A real server on a PostgreSQL of its own, for all tests of the assembly.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-server-tests-{Environment.ProcessId}");
    IspServer? server;

    internal IServiceProvider Services => server!.Services;

    internal Uri Address => server!.Address;

    internal string OperatorKey => server!.OperatorKey;

    internal HostConnections Database => (HostConnections)server!.Services.GetRequiredService<IDatabase>();

    internal Demo.ServerPorts Ports => Commands.DemoCommand.PortsOf(server!);

    internal string Data => folder;

    /// <summary>The API as the operator.</summary>
    internal ApiClient Operator { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        server = await IspServer.StartAsync(
            new ServerOptions
            {
                Data = folder,
                Bind = IPAddress.Loopback,
                Http = 0,
                RadiusAuth = 0,
                RadiusAcct = 0,
                AllowLocalDevices = true,
                Log = LogStyle.Quiet,
            },
            TestContext.Current.CancellationToken);
        Operator = ApiClient.Of(server);
    }

    public async ValueTask DisposeAsync()
    {
        await Operator.DisposeAsync();
        if (server is not null)
            await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A new tenant, by its code.</summary>
    internal async Task<string> AddTenantAsync()
    {
        var code = $"t{Guid.NewGuid():N}"[..16];
        await Operator.PostAsync<TenantView>(
            "tenants", null, new NewTenant { Code = code, Currency = Currency.Of("EUR"), Zone = "Europe/Athens" },
            TestContext.Current.CancellationToken);
        return code;
    }

    /// <summary>A client with a key of this tenant.</summary>
    internal async Task<HttpClient> ClientOfAsync(string tenant)
    {
        var key = await Operator.PostAsync<IssuedApiKeyView>(
            "api-keys", tenant, new NewApiKey("test"), TestContext.Current.CancellationToken);
        return ClientWith(key.Key!);
    }

    /// <summary>A client with the operator's key, for answers that <see cref="Operator"/> would throw.</summary>
    internal HttpClient ClientOfOperator() => ClientWith(server!.OperatorKey);

    HttpClient ClientWith(string key)
    {
        var client = new HttpClient { BaseAddress = new Uri(Address, "/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }
}
