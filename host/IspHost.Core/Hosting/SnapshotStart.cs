using System.Diagnostics.Metrics;
using IspHost.Core.Changes;
using IspHost.Core.FeatureFlags;
using IspHost.Core.Network;
using IspHost.Core.Subscribers;
using IspHost.Core.Tenants;
using IspHost.Core.Web.Versions;
using Microsoft.Extensions.Hosting;

namespace IspHost.Core.Hosting;

/// <summary>Fills the snapshots before anything asks them, and has them follow the change feed.</summary>
sealed class SnapshotStart(
    ChangeFeed feed, TenantDirectory tenants, NasDirectory nas, SubscriberDirectory subscribers, FlagDefinitions flags,
    KnownVersions versions, IMeterFactory meters) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await feed.BeginAsync(cancellationToken);
        feed.Follow("tenant", atOnce: 1, tenants.FollowAsync);
        feed.Follow("nas_device", atOnce: 1, nas.FollowAsync);
        feed.Follow("feature_flag", atOnce: 1, (_, stop) => flags.ReloadAsync(stop));
        feed.Follow("api_version", atOnce: 1, (_, stop) => versions.ReloadAsync(stop));
        feed.Follow("subscriber", atOnce: 2, subscribers.FollowAsync);
        ChangeMetrics.Observe(feed, meters);

        await tenants.ReloadAsync(cancellationToken);
        await nas.FollowAsync(ChangedRows.Everything, cancellationToken);
        await flags.ReloadAsync(cancellationToken);
        await versions.ReloadAsync(cancellationToken);
        await subscribers.LoadAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
