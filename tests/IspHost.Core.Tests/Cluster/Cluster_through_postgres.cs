using System.Text;
using IspHost.Core.Cluster;
using IspHost.Sdk.Actors;
using IspHost.Testing;

namespace IspHost.Core.Tests.Cluster;

public sealed class Cluster_through_postgres(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_nodes_with_one_database_are_one_cluster_and_the_death_of_one_leaves_the_other_serving()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        await using var first = await TestNode.StartAsync(database, "first");
        await using var second = await TestNode.StartAsync(database, "second");
        first.Plugins.Actors["echo"] = new Named("first");
        second.Plugins.Actors["echo"] = new Named("second");

        var nodes = await first.Get<ClusterNodes>().ListAsync(Stop);
        Assert.Equal([("first", NodeState.Active), ("second", NodeState.Active)], nodes.Select(node => (node.Name, node.State)));
        Assert.Equal("second", await AskAsync(second));
        Assert.Equal("second", await AskAsync(first));

        await second.KillAsync();

        await Eventually.TrueAsync(async () => await TryAskAsync() == "first", "the first node answers in the place of the second");
        await Eventually.TrueAsync(
            async () => (await first.Get<ClusterNodes>().ListAsync(Stop)).Count == 1, "the second node is gone");

        async Task<string?> TryAskAsync()
        {
            try
            {
                return await AskAsync(first);
            }
            catch (TimeoutException)
            {
                return null;
            }
        }

        async Task<string> AskAsync(TestNode from)
        {
            var answer = await from.Actors.SendAsync(tenant, "echo", "one", new Envelope("ask", 1, "{}"u8.ToArray()), Stop);
            return Encoding.UTF8.GetString(answer!.Json.Span);
        }
    }

    sealed class Named(string name) : IActor
    {
        public ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken)
            => ValueTask.FromResult(new ActorTurn { State = message, Answer = new Envelope("name", 1, Encoding.UTF8.GetBytes(name)) });
    }
}
