using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using IspHost.Sdk;

namespace IspHost.Scripting.Workers;

/// <summary>What waits for a worker. Tenants take turns; one that has used up its share of the processor comes after the others.</summary>
/// <remarks>
/// A share counts for one window of time. While nobody else waits, a tenant goes on beyond it: no worker is idle for the sake of
/// fairness.
/// </remarks>
sealed class TenantQueue<T>(ScriptLimits limits, TimeProvider clock)
{
    readonly Lock gate = new();

    /// <summary>One for each item: who takes a ticket finds an item, and who waits, waits for a ticket.</summary>
    readonly Channel<bool> tickets = Channel.CreateUnbounded<bool>();

    readonly Dictionary<TenantId, Line> lines = [];
    readonly Queue<Line> within = new(), beyond = new();
    long windowStart = clock.GetTimestamp();

    /// <summary>Puts an item behind the tenant's others.</summary>
    /// <returns>False if so many of the tenant's wait already, or nothing is taken any more.</returns>
    public bool TryAdd(TenantId tenant, T item, int mostWaiting = int.MaxValue)
    {
        lock (gate)
        {
            var line = LineOf(tenant);
            if (line.Items.Count >= mostWaiting || !tickets.Writer.TryWrite(true))
                return false;
            line.Items.Enqueue(item);
            if (line.Items.Count == 1)
                within.Enqueue(line);
            return true;
        }
    }

    /// <summary>The next item of the tenant whose turn it is.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        item = default;
        if (!tickets.Reader.TryRead(out _))
            return false;
        lock (gate)
        {
            TurnWindow();
            var line = NextLine();
            item = line.Items.Dequeue();
            if (line.Items.Count > 0)
                within.Enqueue(line);
            else
                Forget(line);
        }

        return true;
    }

    /// <summary>Until there is something to take; false when there will be nothing more.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken stop) => tickets.Reader.WaitToReadAsync(stop);

    /// <summary>What the tenant's items have cost.</summary>
    public void Spend(TenantId tenant, TimeSpan processor)
    {
        lock (gate)
        {
            TurnWindow();
            LineOf(tenant).Spent += processor;
        }
    }

    /// <summary>How much waits, of how many tenants, and how much of the one that has the most.</summary>
    public (int Items, int Tenants, int Most) Waiting()
    {
        lock (gate)
        {
            var lengths = lines.Values.Select(line => line.Items.Count).Where(count => count > 0).ToList();
            return (lengths.Sum(), lengths.Count, lengths.DefaultIfEmpty().Max());
        }
    }

    /// <summary>Takes nothing more.</summary>
    public void Close() => tickets.Writer.TryComplete();

    Line LineOf(TenantId tenant) => lines.TryGetValue(tenant, out var line) ? line : lines[tenant] = new Line(tenant);

    Line NextLine()
    {
        while (within.TryDequeue(out var line))
        {
            if (line.Spent < limits.TenantTime)
                return line;
            beyond.Enqueue(line);
        }

        return beyond.Dequeue();
    }

    void TurnWindow()
    {
        if (clock.GetElapsedTime(windowStart) < limits.TenantWindow)
            return;
        windowStart = clock.GetTimestamp();
        while (beyond.TryDequeue(out var line))
            within.Enqueue(line);
        foreach (var line in lines.Values)
        {
            line.Spent = TimeSpan.Zero;
            Forget(line);
        }
    }

    /// <summary>A tenant of whom there is nothing to remember.</summary>
    void Forget(Line line)
    {
        if (line.Items.Count == 0 && line.Spent == TimeSpan.Zero)
            lines.Remove(line.Tenant);
    }

    sealed class Line(TenantId tenant)
    {
        public TenantId Tenant => tenant;

        public Queue<T> Items { get; } = new();

        public TimeSpan Spent { get; set; }
    }
}
