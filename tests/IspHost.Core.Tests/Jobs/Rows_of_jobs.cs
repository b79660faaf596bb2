using IspHost.Core.Jobs;
using IspHost.Core.Tenancy;
using IspHost.Core.Tests.Cluster;
using IspHost.Core.Work;
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

        Assert.Equal("0,1,2", await DuePartsAsync(database));
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
        Assert.Null(await DuePartsAsync(database));
    }

    [Fact]
    public async Task Show_no_failure_of_a_partition_that_is_done()
    {
        await using var database = await postgres.CreateAsync();
        var (rows, run) = await StartAsync(database);
        await rows.LayOutAsync(run, 1, Stop);
        await rows.DoneAsync(run, 0, Stop);

        await rows.FailedAsync(run, 0, "Too late.", Pauses, Stop);

        Assert.Null((await rows.FindAsync(run, Stop))!.Status.Error);
        Assert.Null(await rows.ArgumentAsync(run, 0, Stop));
    }

    [Fact]
    public async Task Make_the_run_due_when_its_last_partition_is_done_and_however_often_that_is_said()
    {
        await using var database = await postgres.CreateAsync();
        var (rows, run) = await StartAsync(database);
        Assert.Equal("-1", await DuePartsAsync(database));
        await rows.LayOutAsync(run, 3, Stop);

        await Task.WhenAll(rows.DoneAsync(run, 0, Stop), rows.DoneAsync(run, 0, Stop), rows.DoneAsync(run, 2, Stop));
        Assert.Equal("1", await DuePartsAsync(database));
        await rows.DoneAsync(run, 1, Stop);
        Assert.Equal("-1", await DuePartsAsync(database));
        await rows.FinishAsync(run, Stop);

        Assert.Null(await DuePartsAsync(database));
    }

    [Fact]
    public async Task Leave_nothing_due_of_a_run_that_is_refused()
    {
        await using var database = await postgres.CreateAsync();
        var (rows, run) = await StartAsync(database);
        await rows.LayOutAsync(run, 3, Stop);

        await rows.FailAsync(run, "No such month.", Stop);

        Assert.Null(await DuePartsAsync(database));
    }

    [Fact]
    public async Task Put_off_what_fails_twice_as_long_each_time()
    {
        await using var database = await postgres.CreateAsync();
        var (rows, run) = await StartAsync(database);
        await rows.LayOutAsync(run, 1, Stop);

        for (var i = 0; i < 3; i++)
            await rows.FailedAsync(run, 0, "Again.", Pauses, Stop);
        Assert.Equal(400.0, await PauseAsync(database), tolerance: 30);
        for (var i = 0; i < 30; i++)
            await rows.FailedAsync(run, 0, "Again.", Pauses, Stop);
        Assert.Equal(1000.0, await PauseAsync(database), tolerance: 30);
        await rows.GoOnAsync(run, 0, Stop);

        Assert.True(await database.ScalarAsync<bool>("select ready from host.due"));
    }

    static readonly Backoff Pauses = new(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(1000));

    static Task<double> PauseAsync(TestDatabase database)
        => database.ScalarAsync<double>("select extract(epoch from at - now())::float8 from host.due where not ready");

    static Task<string?> DuePartsAsync(TestDatabase database)
        => database.ScalarAsync<string>("select string_agg(part::text, ',' order by part) from host.due");

    static async Task<(JobRows Rows, PluginKey Run)> StartAsync(TestDatabase database)
    {
        var rows = new JobRows(new TenantSql(database.Database));
        var run = new PluginKey(await database.AddTenantAsync("acme"), FakePlugins.Plugin, "bill", "2026-10");
        await rows.AddAsync(run, "", Stop);
        return (rows, run);
    }
}
