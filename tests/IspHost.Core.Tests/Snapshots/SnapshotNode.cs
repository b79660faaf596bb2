using IspHost.Core.Changes;
using IspHost.Core.Database;
using IspHost.Core.FeatureFlags;
using IspHost.Core.Hosting;
using IspHost.Core.Network;
using IspHost.Core.Secrets;
using IspHost.Core.Subscribers;
using IspHost.Core.Tenants;
using IspHost.Core.Retention;
using IspHost.Sdk.Data;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.FeatureManagement;
using NodaTime;

namespace IspHost.Core.Tests.Snapshots;

/// <summary>A node that does nothing but keep in memory what the database says.</summary>
sealed class SnapshotNode : IAsyncDisposable
{
    readonly IHost host;

    SnapshotNode(IHost host) => this.host = host;

    public static byte[] Key { get; } = new byte[32];

    public TenantDirectory Tenants => Get<TenantDirectory>();

    public SubscriberDirectory Subscribers => Get<SubscriberDirectory>();

    public NasDirectory Devices => Get<NasDirectory>();

    public UnreadableRows Unreadable => Get<UnreadableRows>();

    /// <summary>Whether the host has stopped or is about to.</summary>
    public bool IsEnding => Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    public T Get<T>() where T : notnull => host.Services.GetRequiredService<T>();

    public static async Task<SnapshotNode> StartAsync(TestDatabase database)
    {
        var connections = (HostConnections)database.Database;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IClock>(SystemClock.Instance)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IDatabase>(connections)
            .AddSingleton(new Vault(VaultKeys.Of(Key)))
            .AddSingleton<AddressBook>()
            .AddSingleton<UsageMonths>()
            .AddHostedService(provider => provider.GetRequiredService<UsageMonths>())
            .AddFeatureManagement();
        builder.Services.AddDatabase();
        builder.Services.AddSnapshots();
        var node = new SnapshotNode(builder.Build());
        await node.host.StartAsync(TestContext.Current.CancellationToken);
        return node;
    }

    public bool Knows(string flag) => Get<FlagDefinitions>().Find(flag) is not null;

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}
