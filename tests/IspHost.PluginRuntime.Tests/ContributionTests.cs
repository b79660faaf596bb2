using IspHost.Sdk.Actors;
using IspHost.Sdk.Events;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Subscribers;
using NodaTime;

namespace IspHost.PluginRuntime.Tests;

public sealed class ContributionTests
{
    static readonly JobRun Run = new() { Tenant = TenantId.New(), Key = "2026-11" };
    static readonly EventContext Context = new() { Tenant = TenantId.New(), Id = Guid.NewGuid(), At = Instant.FromUnixTimeSeconds(0) };

    [Fact]
    public async Task Jobs_actors_and_panels_follow_the_generation()
    {
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        var job = Assert.Single(host.Jobs);
        var actor = Assert.Single(host.Actors);
        Assert.Equal(("greets", "greet-all", "greeter"), (job.Plugin, job.Name, actor.Name));
        Assert.Equal(["greetings", "only-in-one"], host.Panels.Select(panel => panel.Name));

        await host.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop);

        Assert.Equal(2, await job.Target.PrepareAsync(Run, TestHost.Stop));
        Assert.Equal(2, (await actor.Target.ReceiveAsync(Someone, Message, TestHost.Stop)).Answer!.Version);
        Assert.Equal(["greetings"], host.Panels.Select(panel => panel.Name));
        Assert.Equal("Version 2", (await host.Panels[0].Target.ReadAsync(TestHost.Stop)).Title);
    }

    [Fact]
    public async Task A_job_that_refuses_says_so_in_its_own_words()
    {
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);

        var refused = await Assert.ThrowsAsync<JobRefusedException>(()
            => host.Job("greets", "greet-all").PrepareAsync(Run with { Argument = "nobody" }, TestHost.Stop));

        Assert.Equal("nobody to greet", refused.Message);
        Assert.True((await host.RemoveAsync("greets", TestHost.Stop)).Unloaded);
    }

    [Fact]
    public async Task A_job_of_a_plugin_that_is_not_there_is_unavailable()
    {
        await using var host = TestHost.Start();

        await Assert.ThrowsAsync<ExtensionUnavailableException>(() => host.Job("greets", "greet-all").FinishAsync(Run, TestHost.Stop));
    }

    [Fact]
    public async Task A_subscription_names_event_type_and_handler_and_delivers()
    {
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);

        var subscription = Assert.Single(host.Subscriptions);

        Assert.Equal(("greets", "access.changed", "Greets.GreetsAccess"), (subscription.Plugin, subscription.Event, subscription.Handler));
        Assert.Equal(typeof(AccessChanged), subscription.EventType);
        await subscription.HandleAsync(Context, Changed("paid"), TestHost.Stop);
        var failed = await Assert.ThrowsAsync<ExtensionFailedException>(()
            => subscription.HandleAsync(Context, Changed("broken"), TestHost.Stop));
        Assert.Equal("Greets.GreetingException", failed.TypeName);
        Assert.Equal("cannot greet", failed.Reason);
    }

    [Fact]
    public async Task The_host_hears_what_events_a_version_wants_before_it_serves_and_whether_it_replaces_another()
    {
        var wanted = new List<(string Version, string Events, bool IsReplacement)>();
        await using var host = TestHost.Start(options => options.Subscribe = Note(wanted));

        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        await host.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop);

        Assert.Equal([false, true], wanted.Select(want => want.IsReplacement));
        Assert.All(wanted, want => Assert.Equal("access.changed Greets.GreetsAccess", want.Events));
        Assert.NotEqual(wanted[0].Version, wanted[1].Version);
    }

    [Fact]
    public async Task The_host_forgets_the_events_of_a_plugin_that_is_removed_and_not_those_of_one_that_ends_with_the_process()
    {
        var forgotten = new List<string>();
        await using (var host = TestHost.Start(options => options.Unsubscribe = (plugin, _) =>
        {
            forgotten.Add(plugin);
            return Task.CompletedTask;
        }))
        {
            await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
            await host.RemoveAsync("greets", TestHost.Stop);
            await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        }

        Assert.Equal(["greets"], forgotten);
    }

    [Fact]
    public async Task A_plugin_whose_events_the_host_cannot_forget_stays()
    {
        await using var host = TestHost.Start(options => options.Unsubscribe = (_, _) => throw new IOException("The database is away."));
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.RemoveAsync("greets", TestHost.Stop));

        Assert.Equal("subscribe", refused.Step);
        Assert.Equal(PluginState.Active, host.Status[0].State);
    }

    [Fact]
    public async Task The_host_hears_again_what_events_a_plugin_wants_when_it_asks()
    {
        var wanted = new List<(string Version, string Events, bool IsReplacement)>();
        await using var host = TestHost.Start(options => options.Subscribe = Note(wanted));
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);

        await host.SubscribeAsync(TestHost.Stop);

        Assert.Equal([false, false], wanted.Select(want => want.IsReplacement));
        Assert.Equal(wanted[0], wanted[1]);
    }

    [Fact]
    public async Task After_a_switch_that_failed_the_host_hears_again_what_events_the_version_before_wants()
    {
        var wanted = new List<(string Version, string Events, bool IsReplacement)>();
        var fails = false;
        await using var host = TestHost.Start(options =>
        {
            options.Subscribe = Note(wanted);
            options.EndpointsChanged = () =>
            {
                if (fails)
                {
                    fails = false;
                    throw new InvalidOperationException("The endpoints clash.");
                }
            };
        });
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        fails = true;

        await Assert.ThrowsAsync<PluginLoadException>(() => host.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop));

        Assert.Equal(3, wanted.Count);
        Assert.Equal((wanted[0].Version, true), (wanted[2].Version, wanted[2].IsReplacement));
    }

    static Func<PluginSubscriptions, CancellationToken, Task> Note(List<(string Version, string Events, bool IsReplacement)> wanted)
        => (wants, _) =>
        {
            var events = string.Join(", ", wants.Handlers.Select(handler => $"{handler.Event} {handler.Handler}"));
            wanted.Add((wants.Plugin.Version, events, wants.IsReplacement));
            return Task.CompletedTask;
        };

    [Fact]
    public async Task A_log_that_keeps_its_lines_does_not_keep_the_plugin_loaded()
    {
        var log = new Lines();
        await using var host = TestHost.Start(logs: log);
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        await host.Subscriptions[0].HandleAsync(Context, Changed("paid"), TestHost.Stop);

        Assert.True((await host.RemoveAsync("greets", TestHost.Stop)).Unloaded);
        var line = Assert.Single(log.All, line => line.Text.StartsWith("Access is", StringComparison.Ordinal));
        Assert.Equal("Access is Full, Greeting { Text = Hi, Version = 1 }", line.Text);
        Assert.Contains("Greets.GreetingException: logged", line.Exception!.ToString());
        var values = Assert.IsType<IEnumerable<KeyValuePair<string, object?>>>(line.State, exactMatch: false);
        Assert.Contains(new KeyValuePair<string, object?>("Plugin", "greets"), values);
    }

    [Fact]
    public async Task A_schema_is_migrated_before_the_switch_with_the_scripts_of_the_assembly()
    {
        var migrated = new List<string>();
        await using var host = TestHost.Start(options =>
        {
            options.Configuration = TestHost.Settings(("Plugins:greets:Schema", "greets"));
            options.Migrate = (schema, _) =>
            {
                migrated.Add($"{schema.Scripts.Schema}: {string.Join(", ", schema.Scripts.Scripts.Select(script => script.Name))}");
                return Task.CompletedTask;
            };
        });

        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        await host.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop);

        Assert.Equal(["greets: 0001-greetings.sql", "greets: 0001-greetings.sql, 0002-language.sql"], migrated);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_old_version_serving()
    {
        var fails = false;
        await using var host = TestHost.Start(options =>
        {
            options.Configuration = TestHost.Settings(("Plugins:greets:Schema", "greets"));
            options.Migrate = (_, _) => fails ? throw new InvalidDataException("syntax error at \"tabel\"") : Task.CompletedTask;
        });
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        fails = true;

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop));

        Assert.Equal(
            "Plugin greets was refused (migrate, ISP1431): System.IO.InvalidDataException: syntax error at \"tabel\".", refused.Message);
        Assert.Equal(1, await host.Jobs[0].Target.PrepareAsync(Run, TestHost.Stop));
        Assert.Equal(0, host.Status.Single().LeakedContexts);
    }

    [Fact]
    public async Task A_schema_without_a_database_is_refused()
    {
        await using var host = TestHost.Start(options => options.Configuration = TestHost.Settings(("Plugins:greets:Schema", "greets")));

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.LoadAsync(Fixtures.Greets, TestHost.Stop));

        Assert.Contains("this host has no database for plugins", refused.Message);
    }

    static Envelope Message { get; } = new("greet", 1, "{}"u8.ToArray());

    static ActorContext Someone { get; } = new() { Tenant = TenantId.New(), Id = "someone" };

    static AccessChanged Changed(string reason)
        => new() { Subscription = SubscriptionId.New(), Access = AccessMode.Full, Reason = reason };
}
