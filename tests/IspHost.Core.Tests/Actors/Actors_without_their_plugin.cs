using IspHost.Core.Tests.Cluster;

namespace IspHost.Core.Tests.Actors;

[Collection(nameof(TwoNodes))]
public sealed class Actors_without_their_plugin(TwoNodes cluster)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Go_to_the_node_that_has_it_when_they_are_called()
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("movable", FakeActor.Appending());
        await cluster.First.Actors.SendAsync(tenant, "movable", "one", FakeActor.Of("a"), Stop);

        cluster.First.Plugins.Actors.TryRemove("movable", out _);

        Assert.Equal("ab", FakeActor.Text(await cluster.Second.Actors.SendAsync(tenant, "movable", "one", FakeActor.Of("b"), Stop)));
    }

    [Fact]
    public async Task Go_to_the_node_that_has_it_when_their_time_comes()
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("dreamer", Wake_ups_of_actors.Sleeper());
        await cluster.First.Actors.SendAsync(tenant, "dreamer", "one", FakeActor.Of("first,"), Stop);

        cluster.First.Plugins.Actors.TryRemove("dreamer", out _);

        await Eventually.TrueAsync(
            async () => await cluster.Database.ScalarAsync<string>(
                "select convert_from(state, 'UTF8') from host.actor where type = 'dreamer'") == "first,wake",
            "the wake-up has come on the second node");
    }
}
