using IspHost.Core.Database;
using IspHost.Core.FeatureFlags;
using IspHost.Core.Network;
using IspHost.Core.Subscribers;
using IspHost.Core.Tenants;
using Microsoft.Extensions.Hosting;

namespace IspHost.Core.Hosting;

/// <summary>Fills the snapshots before anything asks them, and has them follow the change feed.</summary>
sealed class SnapshotStart(
    ChangeFeed feed, TenantDirectory tenants, NasDirectory nas, SubscriberDirectory subscribers,
    FlagDefinitions flags) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        Func<Change, CancellationToken, Task>[] inOrder =
            [tenants.OnChangeAsync, nas.OnChangeAsync, subscribers.OnChangeAsync, flags.OnChangeAsync];
        foreach (var follow in inOrder)
        {
            await follow(Change.Everything, cancellationToken);
            feed.Add(follow);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
