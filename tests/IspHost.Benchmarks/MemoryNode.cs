using IspHost.Core.Changes;
using IspHost.Core.Database;
using IspHost.Core.Hosting;
using IspHost.Core.Imports;
using IspHost.Core.Network;
using IspHost.Core.Secrets;
using IspHost.Core.Subscribers;
using IspHost.Sdk.Data;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.FeatureManagement;
using NodaTime;

namespace IspHost.Benchmarks;

/// <summary>A node that does nothing but keep in memory what the database says, and imports.</summary>
sealed class MemoryNode(IHost host) : IAsyncDisposable
{
    public SubscriberDirectory Subscribers => Get<SubscriberDirectory>();

    public T Get<T>() where T : notnull => host.Services.GetRequiredService<T>();

    public static async Task<MemoryNode> StartAsync(TestDatabase database)
    {
        var connections = (HostConnections)database.Database;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IClock>(SystemClock.Instance)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IDatabase>(connections)
            .AddSingleton(new Vault(VaultKeys.Of(new byte[32])))
            .AddSingleton<AddressBook>()
            .AddSingleton<SubscriberImports>()
            .AddFeatureManagement();
        builder.Services.AddDatabase();
        builder.Services.AddSnapshots();
        var host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<ChangeFeed>().Listening;
        return new MemoryNode(host);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}
