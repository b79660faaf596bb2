using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Jobs;
using IspHost.Testing;

namespace IspHost.Core.Tests.Cluster;

/// <summary>A cluster of two nodes for tests that leave it as it was. Each works with names and tenants of its own.</summary>
public sealed class TwoNodes(PostgresFixture postgres) : IAsyncLifetime
{
    int made;

    internal TestDatabase Database { get; private set; } = null!;

    internal TestNode First { get; private set; } = null!;

    internal TestNode Second { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await postgres.CreateAsync();
        First = await TestNode.StartAsync(Database, "first");
        Second = await TestNode.StartAsync(Database, "second");
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await Database.DisposeAsync();
    }

    internal Task<TenantId> AddTenantAsync() => Database.AddTenantAsync($"tenant-{Interlocked.Increment(ref made)}");

    internal void Offer(string name, IJob job)
        => First.Plugins.Jobs[name] = Second.Plugins.Jobs[name] = job;

    internal void Offer(string type, IActor actor)
        => First.Plugins.Actors[type] = Second.Plugins.Actors[type] = actor;
}

[CollectionDefinition(nameof(TwoNodes))]
public sealed class TwoNodesCollection : ICollectionFixture<TwoNodes>;
