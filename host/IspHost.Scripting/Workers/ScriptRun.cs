using IspHost.Scripting.Images;
using IspHost.Sdk;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Workers;

/// <summary>One call: its items, cut into batches, and their outcomes as they come in.</summary>
/// <remarks>
/// A batch whose worker is lost is tried again, because the worker may have been killed from outside; the second time, or if it
/// hung, item by item, so that only the culprit fails. Rules are pure, so running an item twice changes nothing.
/// </remarks>
sealed class ScriptRun(
    TenantId tenant, CheckedImage image, IReadOnlyList<RatingItem> items, ScriptLimits limits, CancellationToken cancellation)
{
    const int BatchItems = 1000, BatchBytes = 512 << 10, LongestItem = 8 << 20;

    readonly RatingOutcome[] outcomes = new RatingOutcome[items.Count];
    readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int left = items.Count;
    int losses;
    long spentTicks;

    public TenantId Tenant => tenant;

    public CheckedImage Image => image;

    public CancellationToken Cancellation => cancellation;

    public RatingItem this[int place] => items[place];

    public async Task<IReadOnlyList<RatingOutcome>> OutcomesAsync()
    {
        if (items.Count > 0)
            await done.Task.WaitAsync(cancellation);
        return outcomes;
    }

    public List<Batch> Batches()
    {
        var batches = new List<Batch>();
        var (first, bytes) = (0, 0);
        for (var i = 0; i < items.Count; i++)
        {
            var size = ItemWriter.Estimate(items[i], image.Members);
            if (i > first && (i - first == BatchItems || bytes + size > BatchBytes || size > LongestItem))
            {
                batches.Add(new Batch(this, first, i - first));
                (first, bytes) = (i, 0);
            }

            bytes += size;
            if (size <= LongestItem)
                continue;
            Complete(i, [new RatingOutcome.Failed("SBX201", "The item's usage is too much for one script call.")]);
            (first, bytes) = (i + 1, 0);
        }

        if (first < items.Count)
            batches.Add(new Batch(this, first, items.Count - first));
        return batches;
    }

    public void Complete(int first, ReadOnlySpan<RatingOutcome> results)
    {
        ScriptMetrics.Count(results);
        results.CopyTo(outcomes.AsSpan(first));
        if (Interlocked.Add(ref left, -results.Length) == 0)
            done.TrySetResult();
    }

    /// <summary>What items of this call have cost.</summary>
    public void Spend(TimeSpan processor)
    {
        ScriptMetrics.Spend(processor);
        Interlocked.Add(ref spentTicks, processor.Ticks);
    }

    /// <summary>Whether the call has used up its time: then this batch is not run any more, and says why.</summary>
    public bool IsOver(Batch batch)
    {
        if (Interlocked.Read(ref spentTicks) < limits.CallTime.Ticks)
            return false;
        ScriptMetrics.CountCall();
        GiveUp(
            batch, Codes.OverShare,
            $"The script took {limits.CallTime.TotalSeconds} seconds of processor time for other items of the batch, which is all that a "
            + "batch may take: make it cheaper for each item, or rate fewer items at once.");
        return true;
    }

    /// <summary>The tenant has too many batches waiting for this one to wait as well.</summary>
    public void Crowd(Batch batch)
    {
        ScriptMetrics.CountBatch();
        GiveUp(batch, Codes.OverShare, $"{limits.WaitingBatches} batches of this tenant wait already: send fewer at the same time.");
    }

    public void Fail(Exception failure) => done.TrySetException(failure);

    /// <summary>What to try after a worker was lost over this batch.</summary>
    public IEnumerable<Batch> Retry(Batch batch, WorkerLost loss)
    {
        var isFirst = batch.Losses == 0 && !loss.IsHang;
        if (Interlocked.Increment(ref losses) > limits.LostWorkers)
            GiveUp(batch, loss.Code, "Other items of this run stopped too many workers.");
        else if (isFirst)
            return [batch with { Losses = 1 }];
        else if (batch.Count > 1)
            return Enumerable.Range(batch.First, batch.Count).Select(place => new Batch(this, place, 1) { Losses = 1 });
        else
            GiveUp(batch, loss.Code, loss.Message);
        return [];
    }

    void GiveUp(Batch batch, string code, string reason)
        => Complete(batch.First, Enumerable.Repeat(Codes.Outcome(code, reason), batch.Count).ToArray());
}

/// <summary>Why items fail that no script is the cause of, or not alone.</summary>
static class Codes
{
    public const string OverShare = "SBX206", NotRun = "SBX207";

    /// <summary>What was not run may be, another time.</summary>
    public static RatingOutcome Outcome(string code, string reason)
        => code is OverShare or NotRun ? new RatingOutcome.Later(code, reason) : new RatingOutcome.Failed(code, reason);
}

/// <summary>Items of a run that go to a worker together.</summary>
sealed record Batch(ScriptRun Run, int First, int Count)
{
    /// <summary>Workers lost over these items so far.</summary>
    public int Losses { get; init; }

    /// <summary>What is left after the first ones were answered.</summary>
    public Batch After(int answered) => this with { First = First + answered, Count = Count - answered };
}
