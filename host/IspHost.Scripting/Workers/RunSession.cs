using IspHost.Scripting.Images;
using IspHost.Scripting.Shared;
using IspHost.Sdk;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Workers;

/// <summary>The life of one run worker: batches to it, two in flight, and outcomes back.</summary>
sealed class RunSession(WorkerProcess worker, TenantQueue<Batch> queue, ScriptOptions options, Action<TenantId, int> answered)
{
    const int InFlight = 2, LoadedImages = 64;

    /// <summary>An hour, in microseconds: nobody computes so long before they are killed.</summary>
    const long LongestTurn = 3_600_000_000;

    readonly WireWriter frame = new();
    readonly Queue<Batch> sent = new();
    readonly Dictionary<string, int> loaded = new(StringComparer.Ordinal);
    readonly Queue<string> loadOrder = new();
    volatile Batch? running;
    int served;
    bool isSpent;

    /// <summary>How many batches the worker has.</summary>
    public int Running => sent.Count;

    /// <summary>Until the worker is lost, has served enough, or the queue is closed.</summary>
    public async Task ServeAsync(CancellationToken stop)
    {
        using var shutdown = stop.UnsafeRegister(_ => worker.Kill(), null);
        try
        {
            while (!isSpent || sent.Count > 0)
            {
                if (sent.Count == 0 && !await queue.WaitAsync(stop))
                    return;
                Fill();
                if (sent.Count > 0)
                    Take(await worker.ReceiveAsync(options.Limits.HangTime));
            }
        }
        catch (WorkerLost loss)
        {
            Lose(loss);
        }
        catch (InvalidDataException)
        {
            Lose(WorkerLost.Babbling());
        }
    }

    void Fill()
    {
        while (!isSpent && sent.Count < InFlight && queue.TryTake(out var batch))
        {
            if (!batch.Run.Cancellation.IsCancellationRequested && !batch.Run.IsOver(batch))
                Send(batch);
        }
    }

    void Send(Batch batch)
    {
        var number = Load(batch.Run.Image);
        frame.Begin(FrameKind.Batch);
        frame.Int32(number);
        frame.Int32(batch.Count);
        for (var i = 0; i < batch.Count; i++)
            ItemWriter.Write(frame, batch.Run[batch.First + i], batch.Run.Image.Members);
        sent.Enqueue(batch);
        Watch();
        _ = worker.SendAsync(frame);
        isSpent |= ++served >= options.BatchesPerWorker;
    }

    int Load(CheckedImage image)
    {
        if (loaded.TryGetValue(image.Key, out var number))
            return number;
        if (loaded.Count == LoadedImages)
            Unload();
        number = served;
        loaded.Add(image.Key, number);
        loadOrder.Enqueue(image.Key);
        frame.Begin(FrameKind.Load);
        frame.Int32(number);
        frame.Bytes(image.Bytes.Span);
        _ = worker.SendAsync(frame);
        return number;
    }

    void Unload()
    {
        loaded.Remove(loadOrder.Dequeue(), out var number);
        frame.Begin(FrameKind.Unload);
        frame.Int32(number);
        _ = worker.SendAsync(frame);
    }

    /// <summary>A caller that gave up must not keep the worker: it is killed when the batch is the one that runs.</summary>
    void Watch()
    {
        if (!sent.TryPeek(out var first) || ReferenceEquals(first, running))
            return;
        running = first;
        first.Run.Cancellation.UnsafeRegister(_ => KillIfRunning(first), null);
    }

    void KillIfRunning(Batch batch)
    {
        if (ReferenceEquals(running, batch))
            worker.Kill();
    }

    void Take((FrameKind Kind, ReadOnlyMemory<byte> Content) answer)
    {
        if (answer.Kind != FrameKind.Outcomes)
            throw WorkerLost.Babbling();
        var batch = sent.Peek();
        var (outcomes, processor) = Read(answer.Content.Span, batch.Count);
        running = null;
        sent.Dequeue();
        Watch();
        Spend(batch.Run, processor);
        if (batch.After(outcomes.Length) is { Count: > 0 } rest && !rest.Run.IsOver(rest))
            Requeue(rest);
        answered(batch.Run.Tenant, outcomes.Length);
        batch.Run.Complete(batch.First, outcomes);
    }

    void Spend(ScriptRun run, TimeSpan processor)
    {
        run.Spend(processor);
        queue.Spend(run.Tenant, processor);
    }

    /// <summary>At least one outcome; a worker stops after its turn, so that other tenants get theirs.</summary>
    (RatingOutcome[] Outcomes, TimeSpan Processor) Read(ReadOnlySpan<byte> content, int most)
    {
        var reader = new WireReader(content);
        isSpent |= reader.Byte() != 0;
        var (microseconds, count) = (reader.Int64(), reader.Int32());
        if (count < 1 || count > most || microseconds is < 0 or > LongestTurn)
            throw WorkerLost.Babbling();
        var outcomes = new RatingOutcome[count];
        for (var i = 0; i < count; i++)
            outcomes[i] = OutcomeReader.Read(ref reader);
        return reader.AtEnd ? (outcomes, TimeSpan.FromMicroseconds(microseconds)) : throw WorkerLost.Babbling();
    }

    /// <summary>The batch that ran is the suspect; those behind it are innocent and simply go to another worker.</summary>
    void Lose(WorkerLost loss)
    {
        running = null;
        if (sent.TryDequeue(out var suspect))
        {
            Spend(suspect.Run, loss.IsHang ? options.Limits.HangTime : options.Limits.Turn);
            if (!suspect.Run.Cancellation.IsCancellationRequested)
                foreach (var retry in suspect.Run.Retry(suspect, loss))
                    Requeue(retry);
        }

        foreach (var innocent in sent)
            Requeue(innocent);
        sent.Clear();
    }

    /// <summary>The queue takes nothing more when all is being shut down.</summary>
    void Requeue(Batch batch)
    {
        if (!queue.TryAdd(batch.Run.Tenant, batch))
            batch.Run.Fail(new OperationCanceledException());
    }
}
