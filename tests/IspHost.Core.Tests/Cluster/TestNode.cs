using System.Net;
using IspHost.Core.Actors;
using IspHost.Core.Changes;
using IspHost.Core.Cluster;
using IspHost.Core.Database;
using IspHost.Core.Jobs;
using IspHost.Core.Work;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Jobs;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IspHost.Core.Tests.Cluster;

/// <summary>A node of a cluster, in the process of the tests.</summary>
sealed class TestNode : IAsyncDisposable
{
    static readonly Backoff Retry = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200));

    readonly IHost host;
    int isEnded;

    TestNode(IHost host, FakePlugins plugins) => (this.host, Plugins) = (host, plugins);

    public FakePlugins Plugins { get; }

    public IGrainFactory Grains => Get<IGrainFactory>();

    public IJobs Jobs => Get<JobRuns>().For(FakePlugins.Plugin);

    public IActors Actors => Get<ActorMessages>().For(FakePlugins.Plugin);

    public T Get<T>() where T : notnull => host.Services.GetRequiredService<T>();

    public static async Task<TestNode> StartAsync(TestDatabase database, string name, FakePlugins? plugins = null)
    {
        plugins ??= new FakePlugins();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(database.Database);
        builder.Services.AddSingleton<IPluginWork>(plugins);
        builder.AddCluster((HostConnections)database.Database, new NodeOptions { Name = name, Address = IPAddress.Loopback });
        builder.Services
            .AddSingleton<DatabaseLife>()
            .AddSingleton<ChangeFeed>()
            .AddHostedService(provider => provider.GetRequiredService<ChangeFeed>())
            .AddDueWork(new DueOptions { LongestPause = TimeSpan.FromMilliseconds(500), Lease = TimeSpan.FromSeconds(3) })
            .AddJobs(new JobOptions { Retry = Retry })
            .AddActors(new ActorOptions { Retry = Retry });
        var node = new TestNode(builder.Build(), plugins);
        try
        {
            await node.host.StartAsync(TestContext.Current.CancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync(); // Otherwise its connections would be missing in the tests that follow.
            throw;
        }
    }

    /// <summary>Ends it without handing anything over, as far as that is possible within a process.</summary>
    public Task KillAsync() => EndAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync() => await EndAsync(CancellationToken.None);

    async Task EndAsync(CancellationToken impatience)
    {
        if (Interlocked.Exchange(ref isEnded, 1) == 1)
            return;
        try
        {
            await host.StopAsync(impatience);
        }
        catch (OperationCanceledException)
        {
            // It did not stop in order, which is the purpose.
        }
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}
