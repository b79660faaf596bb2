using IspHost.Sdk;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Changes;

/// <summary>Rows of one subject that must be read again.</summary>
/// <param name="Tenant">Whose; default if the subject belongs to none, or if all is to be read.</param>
/// <param name="Ids">Which; none: all of them.</param>
public sealed record ChangedRows(TenantId Tenant, IReadOnlyCollection<Guid> Ids)
{
    /// <summary>Everything of the subject, whoever's it is.</summary>
    public static ChangedRows Everything { get; } = new(default, []);

    /// <summary>Whether all rows of all tenants are meant.</summary>
    public bool IsEverything => Tenant == default && Ids.Count == 0;
}

/// <summary>What is to be read again of one subject. An import stands in the lane of subscribers and in no other.</summary>
/// <remarks>
/// Tenants take turns, a page each, so that the import of one holds up the locks of nobody else; and a tenant's latest change comes
/// first, so that a lock does not wait behind the tenant's own import either.
/// </remarks>
sealed partial class ChangeLane(
    string subject, int atOnce, Func<ChangedRows, CancellationToken, Task> follow, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>Small enough that the next in turn waits for some hundredths of a second.</summary>
    const int PageSize = 500;

    /// <summary>Above this many it is less work to read the tenant whole, and what waits stays small.</summary>
    const int MostWaiting = 200_000;

    /// <summary>Before what failed is read again.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>After a failure, so that a database that is away does not fill the log.</summary>
    static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    readonly Lock gate = new();
    readonly SemaphoreSlim inTurn = new(0);
    readonly Queue<TenantId> turns = [];
    readonly Dictionary<TenantId, Waiting> waiting = [];
    int inHand;
    long behindSince;

    public string Subject => subject;

    /// <summary>How many rows wait to be read again; a tenant that is to be read whole counts as one.</summary>
    public int Count
    {
        get { lock (gate) return waiting.Values.Sum(of => of.Count); }
    }

    /// <summary>For how long not everything has been read: the longest that any row may be old.</summary>
    public TimeSpan Behind
    {
        get { lock (gate) return waiting.Count + inHand == 0 ? TimeSpan.Zero : time.GetElapsedTime(behindSince); }
    }

    /// <summary>Adds a row, or all of the tenant's.</summary>
    public void Add(TenantId tenant, Guid? id)
    {
        lock (gate)
        {
            if (waiting.Count + inHand == 0)
                behindSince = time.GetTimestamp();
            var of = Of(tenant);
            if (id is { } one && of.Count < MostWaiting)
                of.Add(one);
            else
                of.AddAll();
        }
    }

    /// <summary>Follows what is added until it is stopped.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => WorkAsync(stop)));

    public void Dispose() => inTurn.Dispose();

    async Task WorkAsync(CancellationToken stop)
    {
        while (true)
        {
            await inTurn.WaitAsync(stop);
            var rows = Take();
            try
            {
                await follow(rows, stop);
                LetGo();
            }
            catch (Exception cause) when (!stop.IsCancellationRequested) // Database away: the same rows are read again.
            {
                Failed(log, cause, subject, rows.Tenant.Value);
                _ = RepeatAsync(rows, stop);
                await Task.Delay(Breath, time, stop);
            }
        }
    }

    /// <summary>Only what failed waits: other tenants go on meanwhile.</summary>
    async Task RepeatAsync(ChangedRows rows, CancellationToken stop)
    {
        await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stop.IsCancellationRequested)
            return;
        if (rows.Ids.Count == 0)
            Add(rows.Tenant, null);
        foreach (var id in rows.Ids)
            Add(rows.Tenant, id);
        LetGo();
    }

    void LetGo()
    {
        lock (gate)
            inHand--;
    }

    ChangedRows Take()
    {
        lock (gate)
        {
            inHand++;
            var tenant = turns.Dequeue();
            var of = waiting[tenant];
            var rows = new ChangedRows(tenant, of.Take(PageSize));
            if (of.Count == 0)
                waiting.Remove(tenant);
            else
                Enqueue(tenant);
            return rows;
        }
    }

    /// <summary>What waits of the tenant, which gets a turn with it.</summary>
    Waiting Of(TenantId tenant)
    {
        if (!waiting.TryGetValue(tenant, out var of))
        {
            waiting.Add(tenant, of = new Waiting());
            Enqueue(tenant);
        }
        return of;
    }

    void Enqueue(TenantId tenant)
    {
        turns.Enqueue(tenant);
        inTurn.Release();
    }

    [LoggerMessage(LogLevel.Warning, "Reading changes of {Subject} of tenant {Tenant} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, string subject, Guid tenant);

    sealed class Waiting
    {
        readonly HashSet<Guid> ids = [];
        readonly Stack<Guid> latestFirst = [];
        bool isAll;

        public int Count => isAll ? 1 : ids.Count;

        /// <summary>One that waits already comes to the front.</summary>
        public void Add(Guid id)
        {
            if (isAll)
                return;
            ids.Add(id);
            latestFirst.Push(id);
        }

        public void AddAll()
        {
            isAll = true;
            ids.Clear();
            latestFirst.Clear();
        }

        /// <summary>None means all.</summary>
        public List<Guid> Take(int most)
        {
            isAll = false;
            var taken = new List<Guid>(Math.Min(most, ids.Count));
            while (taken.Count < most && latestFirst.TryPop(out var id))
            {
                if (ids.Remove(id))
                    taken.Add(id);
            }
            return taken;
        }
    }
}
