using IspHost.Core.Tests.Cluster;
using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Testing;
using NodaTime;

namespace IspHost.Core.Tests.Actors;

[Collection(nameof(TwoNodes))]
public sealed class Wake_ups_of_actors(TwoNodes cluster)
{
    static readonly WakeUp Soon = new(Duration.FromSeconds(1), FakeActor.Of("wake"));

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Come_after_their_pause_once_and_act_for_the_tenant()
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("sleeper", Sleeper());

        await SendAsync(tenant, "sleeper", "first,");
        Assert.Equal("first,", await StateAsync("sleeper"));

        await Eventually.TrueAsync(async () => await StateAsync("sleeper") == "first,wake", "the wake-up has come");
        Assert.True(await cluster.Database.ScalarAsync<bool>("select wake_at is null from host.actor where type = 'sleeper'"));
    }

    [Fact]
    public async Task Stay_if_another_turn_sets_none_and_are_replaced_if_it_sets_one()
    {
        var tenant = await cluster.AddTenantAsync();
        cluster.Offer("patient", new FakeActor((actor, message) => new ActorTurn
        {
            State = FakeActor.Of(FakeActor.Text(actor.State) + message),
            WakeUp = message switch
            {
                "long," => new WakeUp(Duration.FromDays(60), FakeActor.Of("late")),
                "short," => new WakeUp(Duration.FromMilliseconds(1), FakeActor.Of("soon")),
                _ => null,
            },
        }));

        await SendAsync(tenant, "patient", "long,");
        await SendAsync(tenant, "patient", "none,");
        Assert.Equal("late", await cluster.Database.ScalarAsync<string>(
            "select convert_from(wake_message, 'UTF8') from host.actor where type = 'patient' and wake_at > now() + interval '59 days'"));
        await SendAsync(tenant, "patient", "short,");

        await Eventually.TrueAsync(async () => await StateAsync("patient") == "long,none,short,soon", "the second wake-up has come");
    }

    [Fact]
    public async Task Are_tried_again_if_their_turn_throws_and_show_why()
    {
        var tenant = await cluster.AddTenantAsync();
        var isMended = false;
        cluster.Offer("grumpy", new FakeActor((actor, message) => message == "wake" && !isMended
            ? throw new FormatException("Not yet.")
            : new ActorTurn { State = FakeActor.Of(FakeActor.Text(actor.State) + message), WakeUp = message == "wake" ? null : Soon }));

        await SendAsync(tenant, "grumpy", "first,");
        await Eventually.TrueAsync(
            async () => await cluster.Database.ScalarAsync<bool>(
                "select wake_error = 'Not yet.' and wake_failures > 2 from host.actor where type = 'grumpy'"),
            "the failures are visible");
        isMended = true;

        await Eventually.TrueAsync(async () => await StateAsync("grumpy") == "first,wake", "the wake-up has come");
    }

    Task<Envelope?> SendAsync(TenantId tenant, string type, string text)
        => cluster.First.Actors.SendAsync(tenant, type, "one", FakeActor.Of(text), Stop);

    Task<string?> StateAsync(string type)
        => cluster.Database.ScalarAsync<string>($"select convert_from(state, 'UTF8') from host.actor where type = '{type}'");

    internal static FakeActor Sleeper() => new((actor, message) => new ActorTurn
    {
        State = FakeActor.Of(FakeActor.Text(actor.State) + message),
        WakeUp = actor.State is null ? Soon : null,
    });
}

public sealed class Actors_of_a_node_that_dies(PostgresFixture postgres)
{
    [Fact]
    public async Task Keep_their_state_and_their_wake_up()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        await using var first = await TestNode.StartAsync(database, "first");
        first.Plugins.Actors["sleeper"] = Wake_ups_of_actors.Sleeper();
        await first.Actors.SendAsync(tenant, "sleeper", "one", FakeActor.Of("before,"), TestContext.Current.CancellationToken);
        await first.KillAsync();

        var plugins = new FakePlugins();
        plugins.Actors["sleeper"] = Wake_ups_of_actors.Sleeper();
        await using var second = await TestNode.StartAsync(database, "second", plugins);

        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<string>("select convert_from(state, 'UTF8') from host.actor") == "before,wake",
            "the wake-up has come on the second node");
    }
}
