using System.Globalization;
using IspHost.Core.Tests.Cluster;
using IspHost.Sdk;
using IspHost.Sdk.Actors;

namespace IspHost.Core.Tests.Actors;

[Collection(nameof(TwoNodes))]
public sealed class Turns_of_actors(TwoNodes cluster)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Come_one_after_the_other_wherever_the_messages_come_from()
    {
        var tenant = await cluster.AddTenantAsync();
        var (inside, most) = (0, 0);
        cluster.Offer("counter", new FakeActor(async (actor, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Yield();
            var count = int.Parse(FakeActor.Text(actor.State) ?? "0", CultureInfo.InvariantCulture) + 1;
            Interlocked.Decrement(ref inside);
            return new ActorTurn { State = FakeActor.Of(count.ToString(CultureInfo.InvariantCulture)) };
        }));

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? cluster.First : cluster.Second).Actors.SendAsync(
            tenant, "counter", "one", FakeActor.Of("more"), Stop)));

        Assert.Equal(1, most);
        Assert.Equal("60", await StateAsync("counter"));
    }

    [Fact]
    public async Task Are_of_one_tenant_even_if_actors_have_the_same_id()
    {
        var (mine, theirs) = (await cluster.AddTenantAsync(), await cluster.AddTenantAsync());
        cluster.Offer("notes", FakeActor.Appending());

        await SendAsync(mine, "notes", "a");
        await SendAsync(theirs, "notes", "b");

        Assert.Equal("ac", await SendAsync(mine, "notes", "c"));
    }

    [Fact]
    public async Task Are_repeated_if_the_actor_was_changed_from_elsewhere_meanwhile()
    {
        var tenant = await cluster.AddTenantAsync();
        var seen = new List<string?>();
        cluster.Offer("contested", new FakeActor(async (actor, message) =>
        {
            seen.Add(FakeActor.Text(actor.State));
            if (seen.Count == 2)
            {
                await cluster.Database.ScalarAsync<int>(
                    "update host.actor set etag = nextval('host.actor_etag'), state = 'theirs-' where type = 'contested'");
            }
            return new ActorTurn { State = FakeActor.Of(FakeActor.Text(actor.State) + message), Answer = FakeActor.Of("ok") };
        }));

        await SendAsync(tenant, "contested", "mine-");
        await SendAsync(tenant, "contested", "more");

        Assert.Equal([null, "mine-", "theirs-"], seen);
        Assert.Equal("theirs-more", await StateAsync("contested"));
    }

    [Fact]
    public async Task Notice_that_the_actor_has_ended_elsewhere_even_if_they_change_nothing()
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("ended", new FakeActor((actor, _) => new ActorTurn
        {
            State = actor.State ?? FakeActor.Of("new"),
            Answer = FakeActor.Of(FakeActor.Text(actor.State) ?? "none"),
        }));
        await SendAsync(tenant, "ended", "begin");
        Assert.Equal("new", await SendAsync(tenant, "ended", "look"));

        await cluster.Database.ScalarAsync<int>("delete from host.actor where type = 'ended'");

        Assert.Equal("none", await SendAsync(tenant, "ended", "look"));
    }

    [Fact]
    public async Task End_the_actor_by_leaving_no_state()
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("mortal", new FakeActor((actor, message) => new ActorTurn
        {
            State = message == "end" ? null : FakeActor.Of(FakeActor.Text(actor.State) + message),
            Answer = actor.State,
        }));
        await SendAsync(tenant, "mortal", "a");

        await SendAsync(tenant, "mortal", "end");

        Assert.Null(await StateAsync("mortal"));
        Assert.Null(await SendAsync(tenant, "mortal", "b"));
        Assert.Equal("b", await StateAsync("mortal"));
    }

    [Fact]
    public async Task That_throw_leave_everything_as_it_was_and_tell_the_sender()
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("choosy", new FakeActor((actor, message) => message == "bad"
            ? throw new FormatException("No.")
            : new ActorTurn { State = FakeActor.Of(FakeActor.Text(actor.State) + message) }));
        await SendAsync(tenant, "choosy", "a");

        await Assert.ThrowsAsync<FormatException>(() => SendAsync(tenant, "choosy", "bad"));
        await SendAsync(tenant, "choosy", "b");

        Assert.Equal("ab", await StateAsync("choosy"));
    }

    [Fact]
    public async Task Take_and_leave_256_KB_and_not_a_byte_more()
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("large", new FakeActor((_, message) => new ActorTurn
        {
            State = FakeActor.Of(message == "grow" ? new string('x', (256 * 1024) + 1) : message),
        }));

        await SendAsync(tenant, "large", new string('x', 256 * 1024));

        await Assert.ThrowsAsync<ArgumentException>(() => SendAsync(tenant, "large", new string('x', (256 * 1024) + 1)));
        await Assert.ThrowsAsync<ArgumentException>(() => SendAsync(tenant, "large", "grow"));
        Assert.Equal(256 * 1024, (await StateAsync("large"))!.Length);
    }

    [Fact]
    public async Task Of_a_type_that_the_plugin_does_not_have_are_refused()
        => await Assert.ThrowsAsync<ArgumentException>(async () => await SendAsync(await cluster.AddTenantAsync(), "nothing", "a"));

    async Task<string?> SendAsync(TenantId tenant, string type, string text)
        => FakeActor.Text(await cluster.First.Actors.SendAsync(tenant, type, "one", FakeActor.Of(text), Stop));

    Task<string?> StateAsync(string type)
        => cluster.Database.ScalarAsync<string>($"select convert_from(state, 'UTF8') from host.actor where type = '{type}'");
}
