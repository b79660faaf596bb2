using IspHost.Core.Actors;
using IspHost.Core.Tenancy;
using IspHost.Sdk;
using IspHost.Sdk.Actors;

namespace IspHost.Core.Tests.Cluster;

[Collection(nameof(TwoNodes))]
public sealed class Tenant_guard(TwoNodes cluster)
{
    static readonly Envelope Message = new("ask", 1, "{}"u8.ToArray());

    [Fact]
    public async Task Lets_the_tenant_in_to_whom_the_grain_belongs()
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("guarded", new Echo());

        using var scope = TenantScope.Enter(tenant);

        Assert.NotNull(await CallAsync($"{tenant}/Shop/guarded/1"));
    }

    [Fact]
    public async Task Refuses_another_tenant()
    {
        var (mine, theirs) = (await cluster.AddTenantAsync(), await cluster.AddTenantAsync());
        cluster.Offer("guarded", new Echo());

        using var scope = TenantScope.Enter(mine);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => CallAsync($"{theirs}/Shop/guarded/2"));
    }

    [Fact]
    public async Task Refuses_a_call_that_acts_for_nobody()
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("guarded", new Echo());

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => CallAsync($"{tenant}/Shop/guarded/3"));
    }

    [Theory]
    [InlineData("0/Shop/guarded/4")]
    [InlineData("")]
    [InlineData("|/Shop/guarded/4")]
    public async Task Refuses_a_key_that_only_begins_like_the_tenants(string rest)
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("guarded", new Echo());

        using var scope = TenantScope.Enter(tenant);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => CallAsync($"{tenant}{rest}"));
    }

    Task<Envelope?> CallAsync(string key)
        => cluster.First.Grains.GetGrain<IPluginActorGrain>(key).Receive(Message, TestContext.Current.CancellationToken);

    sealed class Echo : IActor
    {
        public ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken)
            => ValueTask.FromResult(new ActorTurn { Answer = message });
    }
}

public sealed class Tenant_scope
{
    [Fact]
    public void Ends_when_it_is_disposed()
    {
        var tenant = TenantId.New();

        using (TenantScope.Enter(tenant))
        {
            using (TenantScope.Enter(tenant))
                Assert.Equal(tenant, TenantScope.Current);
            Assert.Equal(tenant, TenantScope.Current);
        }

        Assert.Null(TenantScope.Current);
    }

    [Fact]
    public void Cannot_be_left_for_another_tenants()
    {
        using var scope = TenantScope.Enter(TenantId.New());

        Assert.Throws<InvalidOperationException>(() => TenantScope.Enter(TenantId.New()));
    }
}
