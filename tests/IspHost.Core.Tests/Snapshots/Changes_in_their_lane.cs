using System.Collections.Concurrent;
using IspHost.Core.Changes;
using IspHost.Core.Tests.Cluster;
using IspHost.Sdk;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IspHost.Core.Tests.Snapshots;

public sealed class Changes_in_their_lane : IDisposable
{
    static readonly TenantId North = TenantId.New();
    static readonly TenantId South = TenantId.New();

    readonly CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public void Dispose() => end.Dispose();

    [Fact]
    public async Task Come_tenant_by_tenant_a_page_each_the_latest_first()
    {
        var read = new ConcurrentQueue<ChangedRows>();
        using var lane = LaneOf((rows, _) =>
        {
            read.Enqueue(rows);
            return Task.CompletedTask;
        });
        var import = Enumerable.Range(0, 1200).Select(_ => Guid.CreateVersion7()).ToList();
        import.ForEach(id => lane.Add(North, id));
        lane.Add(South, Guid.CreateVersion7());
        lane.Add(North, import[0]);

        await RunUntilAsync(lane, () => read.Count == 4);

        Assert.Equal([North, South, North, North], read.Select(rows => rows.Tenant));
        Assert.Equal([500, 1, 500, 200], read.Select(rows => rows.Ids.Count));
        Assert.Equal([import[0], import[^1]], read.First().Ids.Take(2));
        Assert.Equal(import.Order(), read.Where(rows => rows.Tenant == North).SelectMany(rows => rows.Ids).Order());
    }

    [Fact]
    public async Task That_cannot_be_read_come_again_and_hold_up_nobody_else()
    {
        var (read, attempts, id) = (new ConcurrentQueue<ChangedRows>(), 0, Guid.CreateVersion7());
        using var lane = LaneOf((rows, _) =>
        {
            if (rows.Tenant == North && Interlocked.Increment(ref attempts) <= 3)
                throw new InvalidOperationException("Not yet.");
            read.Enqueue(rows);
            return Task.CompletedTask;
        });
        lane.Add(North, id);
        lane.Add(South, null);

        await RunUntilAsync(lane, () => read.Count == 2);

        Assert.Equal([South, North], read.Select(rows => rows.Tenant));
        Assert.Equal([id], read.Last().Ids);
        Assert.Empty(read.First().Ids);
    }

    [Theory]
    [InlineData("10:10:", "10:11:")]
    [InlineData("8:10:8", "10:10:")]
    [InlineData("5:10:5,8", "5:10:5")]
    [InlineData("5:10:5", "5:12:5,11")]
    public void Are_of_moments_that_snapshots_put_in_order(string earlier, string later)
    {
        Assert.True(Moment.Of(0, earlier) < Moment.Of(0, later));
        Assert.True(Moment.Of(1, earlier) > Moment.Of(0, later));
        Assert.Equal(Moment.Of(0, earlier), Moment.Of(0, earlier));
    }

    [Fact]
    public async Task Tell_for_how_long_not_all_of_them_have_been_read()
    {
        var time = new FakeTimeProvider();
        TimeSpan? meanwhile = null;
        ChangeLane? watched = null;
        using var lane = watched = LaneOf((_, _) =>
        {
            meanwhile = watched!.Behind;
            return Task.CompletedTask;
        }, time);
        Assert.Equal(TimeSpan.Zero, lane.Behind);
        lane.Add(North, Guid.CreateVersion7());
        time.Advance(TimeSpan.FromSeconds(3));
        lane.Add(South, Guid.CreateVersion7());

        Assert.Equal(TimeSpan.FromSeconds(3), lane.Behind);
        await RunUntilAsync(lane, () => lane.Behind == TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(3), meanwhile);
    }

    static ChangeLane LaneOf(Func<ChangedRows, CancellationToken, Task> follow, TimeProvider? time = null)
        => new("subscriber", atOnce: 1, follow, time ?? TimeProvider.System, NullLogger.Instance);

    async Task RunUntilAsync(ChangeLane lane, Func<bool> isDone)
    {
        var run = lane.RunAsync(end.Token);
        await Eventually.TrueAsync(isDone, "all is read");
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }
}
