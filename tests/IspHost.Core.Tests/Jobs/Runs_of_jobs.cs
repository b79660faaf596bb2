using IspHost.Core.Tests.Cluster;
using IspHost.Sdk;
using IspHost.Sdk.Jobs;

namespace IspHost.Core.Tests.Jobs;

[Collection(nameof(TwoNodes))]
public sealed class Runs_of_jobs(TwoNodes cluster)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Do_all_pieces_of_all_partitions_and_finish_once_they_are_done()
    {
        var (tenant, job) = await OfferAsync("plain", new FakeJob(partitions: 3, pieces: 2));

        await StartAsync("plain", tenant);
        var status = await EndAsync("plain", tenant);

        Assert.Equal(new JobStatus { State = JobState.Done, Partitions = 3, PartitionsDone = 3 }, status);
        Assert.Equal([2, 2, 2], Enumerable.Range(0, 3).Select(partition => job.Count($"end {partition}")));
        Assert.Equal(["prepare", "finish"], [job.Calls.First(), job.Calls.Last()]);
    }

    [Fact]
    public async Task Are_spread_over_the_nodes()
    {
        var tenant = await cluster.AddTenantAsync();
        var (isFirstAtWork, isSecondAtWork) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = new FakeJob(partitions: 32) { BeforePiece = (_, _) => MeetAsync(isFirstAtWork, isSecondAtWork) };
        var second = new FakeJob(partitions: 32) { BeforePiece = (_, _) => MeetAsync(isSecondAtWork, isFirstAtWork) };
        cluster.First.Plugins.Jobs["spread"] = first;
        cluster.Second.Plugins.Jobs["spread"] = second;

        await StartAsync("spread", tenant);
        await EndAsync("spread", tenant);

        Assert.InRange(first.Calls.Count(call => call.StartsWith("end", StringComparison.Ordinal)), 1, 31);
        Assert.InRange(second.Calls.Count(call => call.StartsWith("end", StringComparison.Ordinal)), 1, 31);

        static Task MeetAsync(TaskCompletionSource mine, TaskCompletionSource theirs)
        {
            mine.TrySetResult();
            return theirs.Task;
        }
    }

    [Fact]
    public async Task Try_a_piece_again_that_threw_and_show_why_meanwhile()
    {
        var isMended = false;
        var (tenant, _) = await OfferAsync("fragile", new FakeJob(partitions: 2)
        {
            BeforePiece = (partition, _) => partition == 1 && !isMended ? throw new FormatException("No digits.") : Task.CompletedTask,
        });

        await StartAsync("fragile", tenant);
        await Eventually.TrueAsync(
            async () => await FindAsync("fragile", tenant) is { Error: "No digits.", State: JobState.Running, PartitionsDone: 1 },
            "the failure is visible and the other partition done");
        isMended = true;

        Assert.Equal(new JobStatus { State = JobState.Done, Partitions = 2, PartitionsDone = 2 }, await EndAsync("fragile", tenant));
    }

    [Fact]
    public async Task Ask_again_for_a_piece_that_has_to_wait_and_show_why_meanwhile()
    {
        var isTime = false;
        var (tenant, job) = await OfferAsync("early", new FakeJob(partitions: 2)
        {
            Waits = partition => partition == 1 && !isTime ? new JobStep.Later("The rates are not published yet.") : null,
        });

        await StartAsync("early", tenant);
        await Eventually.TrueAsync(
            async () => job.Count("begin 1") > 1 && await FindAsync("early", tenant)
                is { Error: "The rates are not published yet.", State: JobState.Running, PartitionsDone: 1 },
            "the reason is visible and the other partition done");
        isTime = true;

        Assert.Equal(new JobStatus { State = JobState.Done, Partitions = 2, PartitionsDone = 2 }, await EndAsync("early", tenant));
    }

    [Fact]
    public async Task Try_the_layout_again_that_threw()
    {
        var failures = 2;
        var (tenant, _) = await OfferAsync("shaky", new FakeJob(partitions: 1)
        {
            Prepare = _ => failures-- > 0 ? throw new FormatException("Not yet.") : 1,
        });

        await StartAsync("shaky", tenant);

        Assert.Equal(new JobStatus { State = JobState.Done, Partitions = 1, PartitionsDone = 1 }, await EndAsync("shaky", tenant));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public async Task Show_a_layout_that_is_out_of_bounds(int partitions)
    {
        var name = $"bounds-{partitions}";
        var (tenant, _) = await OfferAsync(name, new FakeJob(partitions));

        await StartAsync(name, tenant);

        await Eventually.TrueAsync(
            async () => (await FindAsync(name, tenant))?.Error?.Contains("1 to 64", StringComparison.Ordinal) == true,
            "the error is visible");
    }

    [Fact]
    public async Task Fail_for_good_if_the_job_refuses()
    {
        var (tenant, job) = await OfferAsync("picky", new FakeJob(partitions: 1)
        {
            Prepare = run => throw new JobRefusedException($"{run.Argument} is no month."),
        });

        await StartAsync("picky", tenant, argument: "2026-13");
        var status = await EndAsync("picky", tenant);

        Assert.Equal(
            new JobStatus { State = JobState.Failed, Partitions = 0, PartitionsDone = 0, Error = "2026-13 is no month." }, status);
        Assert.Equal(["prepare"], job.Calls);
    }

    [Fact]
    public async Task Are_one_if_they_are_started_twice_with_one_key()
    {
        var gate = new TaskCompletionSource();
        var (tenant, job) = await OfferAsync("twin", new FakeJob(partitions: 1) { BeforePiece = (_, _) => gate.Task });

        var starts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? cluster.First : cluster.Second).Jobs.StartAsync(
            "twin", new JobRun { Tenant = tenant, Key = "2026-10" }, Stop)));
        gate.SetResult();
        await EndAsync("twin", tenant);
        var late = await StartAsync("twin", tenant);

        Assert.All(starts, status => Assert.Equal(JobState.Running, status.State));
        Assert.Equal(JobState.Done, late.State);
        Assert.Equal(["prepare", "begin 0", "end 0", "finish"], job.Calls);
    }

    [Fact]
    public async Task Wait_for_their_plugin()
    {
        var tenant = await cluster.AddTenantAsync();
        await cluster.Database.ScalarAsync<int>(
            $"insert into host.job_run (tenant_id, plugin, job, key, argument) values ('{tenant}', 'Shop', 'absent', '2026-10', '')");
        Assert.Equal(JobState.Running, (await FindAsync("absent", tenant))!.State);

        cluster.Offer("absent", new FakeJob(partitions: 1));

        Assert.Equal(new JobStatus { State = JobState.Done, Partitions = 1, PartitionsDone = 1 }, await EndAsync("absent", tenant));
    }

    [Fact]
    public async Task End_on_the_nodes_that_have_their_plugin()
    {
        var (tenant, job) = (await cluster.AddTenantAsync(), new FakeJob(partitions: 16, pieces: 2));
        cluster.Second.Plugins.Jobs["rare"] = job;

        await cluster.Second.Jobs.StartAsync("rare", new JobRun { Tenant = tenant, Key = "2026-10" }, Stop);

        Assert.Equal(new JobStatus { State = JobState.Done, Partitions = 16, PartitionsDone = 16 }, await EndAsync("rare", tenant));
        Assert.Equal(32, job.Calls.Count(call => call.StartsWith("end", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Go_on_elsewhere_if_the_plugin_leaves_their_node()
    {
        var tenant = await cluster.AddTenantAsync();
        var (first, second) = (new FakeJob(partitions: 16, pieces: 3), new FakeJob(partitions: 16, pieces: 3));
        first.BeforePiece = (_, _) =>
        {
            cluster.First.Plugins.Jobs.TryRemove("leaving", out _);
            cluster.Second.Plugins.Jobs["leaving"] = second;
            throw new ExtensionUnavailableException("job", "leaving", "no plugin offers it");
        };
        cluster.First.Plugins.Jobs["leaving"] = first;

        await StartAsync("leaving", tenant);

        Assert.Equal(JobState.Done, (await EndAsync("leaving", tenant)).State);
        Assert.Equal(48, second.Calls.Count(call => call.StartsWith("end", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Of_one_tenant_that_hang_leave_room_for_those_of_others()
    {
        var stuck = await cluster.AddTenantAsync();
        var release = new TaskCompletionSource();
        var (fluent, _) = await OfferAsync("shared", new FakeJob(partitions: 64)
        {
            Of = run => run.Tenant == stuck ? release.Task : Task.CompletedTask,
        });
        await StartAsync("shared", stuck);
        await Eventually.TrueAsync(
            async () => await cluster.Database.ScalarAsync<long>(
                $"select count(*) from host.due where tenant_id = '{stuck}' and node is not null") >= 2,
            "pieces of the first tenant hang");

        await StartAsync("shared", fluent);

        Assert.Equal(JobState.Done, (await EndAsync("shared", fluent)).State);
        release.SetResult();
        await EndAsync("shared", stuck);
    }

    [Fact]
    public async Task Of_a_job_that_the_plugin_does_not_have_cannot_be_started()
        => await Assert.ThrowsAsync<ArgumentException>(async () => await StartAsync("nothing", await cluster.AddTenantAsync()));

    [Fact]
    public async Task Are_seen_by_their_tenant_alone()
    {
        var (tenant, _) = await OfferAsync("private", new FakeJob(partitions: 1));
        await StartAsync("private", tenant);

        Assert.Null(await FindAsync("private", await cluster.AddTenantAsync()));
    }

    async Task<(TenantId Tenant, FakeJob Job)> OfferAsync(string name, FakeJob job)
    {
        cluster.Offer(name, job);
        return (await cluster.AddTenantAsync(), job);
    }

    Task<JobStatus> StartAsync(string name, TenantId tenant, string argument = "")
        => cluster.First.Jobs.StartAsync(name, new JobRun { Tenant = tenant, Key = "2026-10", Argument = argument }, Stop);

    Task<JobStatus?> FindAsync(string name, TenantId tenant) => cluster.Second.Jobs.FindAsync(tenant, name, "2026-10", Stop);

    async Task<JobStatus> EndAsync(string name, TenantId tenant)
    {
        await Eventually.TrueAsync(
            async () => await FindAsync(name, tenant) is { State: not JobState.Running }, $"the run of {name} ends");
        return (await FindAsync(name, tenant))!;
    }
}
