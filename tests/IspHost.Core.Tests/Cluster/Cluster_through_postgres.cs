using System.Text;
using IspHost.Core.Cluster;
using IspHost.Sdk.Actors;
using IspHost.Testing;

namespace IspHost.Core.Tests.Cluster;

public sealed class Cluster_through_postgres(PostgresFixture postgres)
{
    [Fact]
    public async Task Two_nodes_with_one_database_are_one_cluster_and_the_death_of_one_leaves_the_other_serving()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        await using var first = await TestNode.StartAsync(database, "first");
        var second = await TestNode.StartAsync(database, "second");
        first.Plugins.Actors["echo"] = new Named("first");
        second.Plugins.Actors["echo"] = new Named("second");

        var nodes = await first.Get<ClusterNodes>().ListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([("first", NodeState.Active), ("second", NodeState.Active)], nodes.Select(node => (node.Name, node.State)));
        Assert.Equal("second", await AskAsync(first, second, "1"));

        await second.KillAsync();

        await Eventually.TrueAsync(async () => await TryAskAsync(first) == "first", "the first node answers in the place of the second");
        await Eventually.TrueAsync(
            async () => (await first.Get<ClusterNodes>().ListAsync(TestContext.Current.CancellationToken)).Count == 1, "the second node is gone");

        async Task<string?> TryAskAsync(TestNode node)
        {
            try
            {
                return await SendAsync(node, "1");
            }
            catch (TimeoutException)
            {
                return null;
            }
        }

        // The actor is made by a call on the second node, and a call through the first finds it there.
        async Task<string> AskAsync(TestNode asking, TestNode asked, string id)
        {
            await SendAsync(asked, id);
            return await SendAsync(asking, id);
        }

        async Task<string> SendAsync(TestNode node, string id)
        {
            var answer = await node.Actors.SendAsync(tenant, "echo", id, new Envelope("ask", 1, "{}"u8.ToArray()), TestContext.Current.CancellationToken);
            return Encoding.UTF8.GetString(answer!.Json.Span);
        }
    }

    sealed class Named(string name) : IActor
    {
        public ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken)
            => ValueTask.FromResult(new ActorTurn { State = message, Answer = new Envelope("name", 1, Encoding.UTF8.GetBytes(name)) });
    }
}
