using IspHost.Core.Jobs;
using IspHost.Core.Tenancy;
using IspHost.Core.Tests.Cluster;
using IspHost.Sdk.Jobs;
using IspHost.Testing;

namespace IspHost.Core.Tests.Jobs;

/// <summary>What happens when two nodes work on one run, which a split network allows.</summary>
public sealed class Rows_of_jobs(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keep_the_first_of_two_layouts()
    {
        await using var database = await postgres.CreateAsync();
        var (rows, run) = await StartAsync(database);

        await Task.WhenAll(rows.LayOutAsync(run, 3, Stop), rows.LayOutAsync(run, 3, Stop));
        await rows.LayOutAsync(run, 5, Stop);

        Assert.Equal([0, 1, 2], await rows.UndoneAsync(run, Stop));
        Assert.Equal(3, (await rows.FindAsync(run, Stop))!.Status.Partitions);
    }

    [Fact]
    public async Task Keep_the_first_of_two_ends()
    {
        await using var database = await postgres.CreateAsync();
        var (rows, run) = await StartAsync(database);

        await rows.FailAsync(run, "No such month.", Stop);
        await rows.LayOutAsync(run, 3, Stop);
        await rows.FinishAsync(run, Stop);

        Assert.Equal(
            new JobStatus { State = JobState.Failed, Partitions = 0, PartitionsDone = 0, Error = "No such month." },
            (await rows.FindAsync(run, Stop))!.Status);
        Assert.Empty(await rows.RunningAsync(run.Tenant, Stop));
    }

    [Fact]
    public async Task Show_no_failure_of_a_partition_that_is_done()
    {
        await using var database = await postgres.CreateAsync();
        var (rows, run) = await StartAsync(database);
        await rows.LayOutAsync(run, 1, Stop);
        await rows.DoneAsync(run, 0, Stop);

        await rows.NoteAsync(run, 0, failures: 1, "Too late.", Stop);

        Assert.Null((await rows.FindAsync(run, Stop))!.Status.Error);
        Assert.Null(await rows.OpenAsync(run, 0, Stop));
    }

    static async Task<(JobRows Rows, PluginKey Run)> StartAsync(TestDatabase database)
    {
        var rows = new JobRows(new TenantSql(database.Database));
        var run = new PluginKey(await database.AddTenantAsync("acme"), FakePlugins.Plugin, "bill", "2026-10");
        await rows.AddAsync(run, "", Stop);
        return (rows, run);
    }
}
