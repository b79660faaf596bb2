using IspHost.Core.Tests.Cluster;
using IspHost.Sdk.Jobs;
using IspHost.Testing;

namespace IspHost.Core.Tests.Jobs;

public sealed class Runs_of_a_node_that_dies(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_ended_by_the_one_that_comes_after_and_nobody_has_to_ask()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var stuck = new FakeJob(partitions: 4);
        stuck.BeforePiece = (partition, stop) => partition < 2 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, CancellationToken.None);
        await using var first = await TestNode.StartAsync(database, "first", Offering(stuck));
        await first.Jobs.StartAsync("bill", new JobRun { Tenant = tenant, Key = "2026-10" }, Stop);
        await Eventually.TrueAsync(
            async () => await first.Jobs.FindAsync(tenant, "bill", "2026-10", Stop) is { PartitionsDone: 2 }
                && stuck.Count("begin 2") == 1 && stuck.Count("begin 3") == 1,
            "two partitions are done and two under way");

        await first.KillAsync();
        var fluent = new FakeJob(partitions: 4);
        await using var second = await TestNode.StartAsync(database, "second", Offering(fluent));

        await Eventually.TrueAsync(
            async () => await second.Jobs.FindAsync(tenant, "bill", "2026-10", Stop) is { State: JobState.Done, PartitionsDone: 4 },
            "the run is done");
        Assert.Equal(["begin 2", "begin 3", "end 2", "end 3", "finish"], fluent.Calls.Order());
    }

    [Fact]
    public async Task Go_on_at_once_on_a_node_that_is_there()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var stuck = new FakeJob(partitions: 16) { BeforePiece = (_, _) => Task.Delay(Timeout.Infinite, CancellationToken.None) };
        var fluent = new FakeJob(partitions: 16);
        await using var first = await TestNode.StartAsync(database, "first", Offering(stuck));
        await using var second = await TestNode.StartAsync(database, "second", Offering(fluent));
        await first.Jobs.StartAsync("bill", new JobRun { Tenant = tenant, Key = "2026-10" }, Stop);
        await Eventually.TrueAsync(() => stuck.Calls.Any(call => call != "prepare"), "the first node is at work");

        await first.KillAsync();

        await Eventually.TrueAsync(
            async () => await second.Jobs.FindAsync(tenant, "bill", "2026-10", Stop) is { State: JobState.Done, PartitionsDone: 16 },
            "the run is done");
    }

    static FakePlugins Offering(IJob job)
    {
        var plugins = new FakePlugins();
        plugins.Jobs["bill"] = job;
        return plugins;
    }
}
