using System.Collections.Concurrent;
using IspHost.Core.Changes;
using IspHost.Core.Outbox;
using IspHost.Core.Tenancy;
using IspHost.Core.Tests.Cluster;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Events;
using IspHost.Sdk.Subscribers;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Tests.Outbox;

/// <summary>A node that does nothing but deliver events.</summary>
sealed class Post : IAsyncDisposable
{
    readonly IHost host;
    int isEnded;

    Post(IHost host, FakePlugins plugins) => (this.host, Plugins) = (host, plugins);

    public FakePlugins Plugins { get; }

    public DeliveryRows Deliveries => host.Services.GetRequiredService<DeliveryRows>();

    public Backlog Backlog => host.Services.GetRequiredService<Backlog>();

    public static Task<Post> StartAsync(TestDatabase database, OutboxOptions? options, params EventSubscriber[] handlers)
        => StartAsync(database, options, "1.0.0", handlers);

    /// <summary>With a plugin of a version, which is loaded as at the start of a node.</summary>
    public static async Task<Post> StartAsync(
        TestDatabase database, OutboxOptions? options, string version, EventSubscriber[] handlers, TimeSpan? longestPause = null)
    {
        var plugins = new FakePlugins { Handlers = [.. handlers] };
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services
            .AddSingleton(database.Database)
            .AddSingleton<TenantSql>()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<DatabaseLife>()
            .AddSingleton<ChangeFeed>()
            .AddHostedService(provider => provider.GetRequiredService<ChangeFeed>())
            .AddSingleton<IPluginWork>(plugins)
            .AddDueWork(new DueOptions { LongestPause = longestPause ?? TimeSpan.FromMilliseconds(200), Lease = TimeSpan.FromSeconds(3) })
            .AddOutbox((options ?? new OutboxOptions()) with
            {
                Retry = new Backoff(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200)),
                Absent = new Backoff(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200)),
            });
        var post = new Post(builder.Build(), plugins);
        await post.AdoptAsync(version, isReplacement: false);
        await post.host.StartAsync(TestContext.Current.CancellationToken);
        await post.host.Services.GetRequiredService<ChangeFeed>().Listening.WaitAsync(TestContext.Current.CancellationToken);
        return post;
    }

    /// <summary>Stores what this node's version of the plugin wants.</summary>
    public Task AdoptAsync(string version, bool isReplacement)
        => host.Services.GetRequiredService<EventSubscriptions>().AdoptAsync(
            FakePlugins.Plugin, version, [.. Plugins.Handlers.Select(wanted => (wanted.Kind, wanted.Handler))], isReplacement,
            new NodesAlive("post", []), TestContext.Current.CancellationToken);

    /// <summary>Ends it without giving anything back, as far as that is possible within a process.</summary>
    public Task KillAsync() => EndAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync() => await EndAsync(CancellationToken.None);

    async Task EndAsync(CancellationToken impatience)
    {
        if (Interlocked.Exchange(ref isEnded, 1) == 1)
            return;
        await host.StopAsync(impatience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}

/// <summary>A handler that remembers what it got.</summary>
sealed class Recorder(string name)
{
    public ConcurrentQueue<(EventContext Context, AccessChanged Happened)> Got { get; } = new();

    /// <summary>Runs before an event counts as handled.</summary>
    public Func<AccessChanged, CancellationToken, Task> Before { get; init; } = (_, _) => Task.CompletedTask;

    public Func<AccessChanged, EventOutcome> Outcome { get; init; } = _ => new EventOutcome.Handled();

    /// <summary>Runs before an event counts as handled, too.</summary>
    public Func<EventContext, Task> BeforeOf { get; init; } = _ => Task.CompletedTask;

    public EventSubscriber Subscriber => new(FakePlugins.Plugin, "access.changed", name, typeof(AccessChanged), HandleAsync);

    async Task<EventOutcome> HandleAsync(EventContext context, object happened, CancellationToken stop)
    {
        await BeforeOf(context);
        await Before((AccessChanged)happened, stop);
        Got.Enqueue((context, (AccessChanged)happened));
        return Outcome((AccessChanged)happened);
    }
}

static class Publishing
{
    public static readonly Instant At = Instant.FromUtc(2026, 10, 31, 22, 0);

    public static async Task PublishAsync(this TestDatabase database, TenantId tenant, int count = 1, bool isCommitted = true)
    {
        await using var connection = await database.Database.Connections.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var set = new NpgsqlCommand($"select set_config('app.tenant', '{tenant}', true)", connection);
        await set.ExecuteNonQueryAsync();
        await Sdk.Data.Outbox.PublishAsync(
            connection, tenant, At, [.. Enumerable.Range(0, count).Select(i => (Guid.NewGuid().ToString(), Event(i)))],
            CancellationToken.None);
        if (isCommitted)
            await transaction.CommitAsync();
    }

    public static AccessChanged Event(int number) => new()
    {
        Subscription = new SubscriptionId(new Guid(number, 0, 0, new byte[8])),
        Access = AccessMode.Blocked,
        Reason = $"reason {number}",
    };
}
