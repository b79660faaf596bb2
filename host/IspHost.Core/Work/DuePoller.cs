using System.Collections.Concurrent;
using IspHost.Core.Changes;
using IspHost.Core.Database;
using IspHost.Core.Tenancy;
using IspHost.Sdk;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Work;

/// <summary>Takes what is due and has it done. All nodes share the work, each as far as its plugins can do it.</summary>
/// <remarks>
/// A node without work asks one question a second, however many tenants there are. Announcements, and places that become free, only
/// make it ask sooner.
/// </remarks>
sealed partial class DuePoller : BackgroundService
{
    /// <summary>So long after a failure of the database, statements that nobody waits for any more may still take effect.</summary>
    static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(10);

    readonly DueRows rows;
    readonly IReadOnlyList<IDueWork> kinds;
    readonly DueOptions options;
    readonly TimeProvider time;
    readonly ILogger log;
    readonly SemaphoreSlim nudges = new(0, 1);
    readonly ConcurrentDictionary<DueItem, Task> underWay = new();
    readonly Dictionary<Lane, TenantId> servedLast = [];
    volatile bool isGone;
    long failedAt;

    public DuePoller(
        DueRows rows, IEnumerable<IDueWork> kinds, ChangeFeed feed, DueOptions options, TimeProvider time, ILogger<DuePoller> log)
    {
        (this.rows, this.kinds, this.options, this.time, this.log) = (rows, [.. kinds], options, time, log);
        feed.Add(OnChangeAsync);
    }

    public override void Dispose()
    {
        isGone = true;
        base.Dispose();
        nudges.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = new CancellationTokenSource();
        var renewing = new Sweep("leases of work under way", options.Lease / 3, time, log).RunAsync(RenewAsync, end.Token);
        try
        {
            while (true)
                await nudges.WaitAsync(await PassAsync(stoppingToken), stoppingToken);
        }
        finally
        {
            await Task.WhenAll(underWay.Values);
            await end.CancelAsync();
            await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What a node does not come to the end of before it is gone, others take when the leases end.</summary>
    Task RenewAsync(CancellationToken stop)
        => underWay.IsEmpty || isGone ? Task.CompletedTask : rows.RenewAsync([.. underWay.Keys], options.Lease, stop);

    Task OnChangeAsync(Change change, CancellationToken stop)
    {
        if (change.Concerns("due"))
            Nudge();
        return Task.CompletedTask;
    }

    void Nudge()
    {
        lock (nudges)
        {
            if (nudges.CurrentCount == 0 && !isGone)
                nudges.Release();
        }
    }

    /// <returns>How long nothing more is to be expected, unless a nudge comes.</returns>
    async Task<TimeSpan> PassAsync(CancellationToken stop)
    {
        try
        {
            if (IsInDoubt)
                await rows.GiveBackAllButAsync([.. underWay.Keys], stop);
            var served = Served();
            var outlook = await rows.LookAsync([.. served.Keys], stop);
            if (outlook.Next == TimeSpan.Zero)
                await rows.RipenAsync(stop);
            var taken = 0;
            foreach (var lane in outlook.Waiting)
                taken += await TakeAsync(lane, served[lane].Work, served[lane].Places, stop);
            return taken > 0 || outlook.Next == TimeSpan.Zero ? TimeSpan.Zero : Shorter(outlook.Next, options.LongestPause);
        }
        catch (Exception cause) when (!stop.IsCancellationRequested) // Database away: the next pass finds the same work.
        {
            Doubt();
            LookingFailed(log, cause);
            return options.LongestPause;
        }
    }

    /// <summary>The lanes of this node that have a free place.</summary>
    Dictionary<Lane, (IDueWork Work, Places Places)> Served()
        => kinds.SelectMany(work => work.Lanes.Select(served => (served.Lane, Work: work, served.Places)))
            .Where(served => served.Places.Free > 0)
            .ToDictionary(served => served.Lane, served => (served.Work, served.Places));

    /// <summary>Goes on behind the tenant who was served last, and begins anew after the last of them.</summary>
    async Task<int> TakeAsync(Lane lane, IDueWork work, Places places, CancellationToken stop)
    {
        var after = servedLast.GetValueOrDefault(lane);
        var items = await rows.TakeAsync(lane, places, after, options.Lease, stop);
        if (items.Count == 0 && after != default)
            items = await rows.TakeAsync(lane, places, default, options.Lease, stop);
        foreach (var item in items)
            Begin(item, work, places, stop);
        if (items.Count > 0)
            servedLast[lane] = items.Select(item => item.Tenant).MaxBy(tenant => tenant.Value);
        return items.Count;
    }

    void Begin(DueItem item, IDueWork work, Places places, CancellationToken stop)
    {
        places.Take(item.Tenant);
        var end = new TaskCompletionSource();
        underWay[item] = end.Task;
        _ = Task.Run(() => DoAsync(item, work, stop), CancellationToken.None).ContinueWith(
            _ =>
            {
                underWay.TryRemove(item, out Task? _);
                places.GiveBack(item.Tenant);
                end.SetResult();
                Nudge();
            },
            TaskScheduler.Default);
    }

    async Task DoAsync(DueItem item, IDueWork work, CancellationToken stop)
    {
        try
        {
            using var scope = TenantScope.Enter(item.Tenant);
            if (!await work.DoAsync(item, stop))
                await rows.DropAsync(item, CancellationToken.None);
        }
        catch (Exception cause) // Its own failures it has stored; what comes here is the database's, or the end of plugin or node.
        {
            if (stop.IsCancellationRequested || cause is ExtensionUnavailableException)
                await rows.GiveBackAsync([item], CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            else
            {
                if (DatabaseAway.Is(cause))
                    Doubt();
                DoingFailed(log, cause, item.Lane.Kind, item.Lane.Plugin, item.Lane.Name, item.Id, item.Tenant.Value);
            }
        }
    }

    /// <summary>Whether this node may have what it does not know of.</summary>
    bool IsInDoubt => Volatile.Read(ref failedAt) is not 0 and var at && time.GetElapsedTime(at) < Aftermath;

    void Doubt() => Volatile.Write(ref failedAt, time.GetTimestamp());

    static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;

    [LoggerMessage(LogLevel.Warning, "Looking for what is due failed and will be tried again")]
    static partial void LookingFailed(ILogger log, Exception cause);

    [LoggerMessage(LogLevel.Warning, "The {Kind} {Plugin} {Name} {Id} of tenant {Tenant} came to no end and will be taken again")]
    static partial void DoingFailed(ILogger log, Exception cause, string kind, string plugin, string name, string id, Guid tenant);
}
