using System.Diagnostics;
using IspHost.Scripting.Shared;
using IspHost.ScriptWorker.Metering;
using IspHost.Sdk.Rating;

namespace IspHost.ScriptWorker.Run;

/// <summary>Runs batches of items through loaded scripts, until the host goes.</summary>
sealed class RunLoop(Connection connection)
{
    /// <summary>The thread's stack, and how much of it scripts may use: the rest is for the base library called last.</summary>
    public const int StackBytes = 2 << 20, ScriptStackBytes = 1 << 20;

    readonly Dictionary<int, LoadedScript> scripts = [];
    readonly ItemReader items = new();
    RunBounds bounds;
    bool isSpent;

    public void Serve()
    {
        Meter.SetStack(ScriptStackBytes);
        while (connection.TryReceive(out var kind, out var frame))
        {
            var content = new WireReader(frame);
            switch (kind)
            {
                case FrameKind.Bounds:
                    bounds = new RunBounds(content.Int64(), content.Int64(), content.Int32(), content.Int32(), content.Int32());
                    break;
                case FrameKind.Load:
                    scripts.Add(content.Int32(), new LoadedScript(content.Bytes()));
                    break;
                case FrameKind.Unload:
                    Unload(content.Int32());
                    break;
                case FrameKind.Batch:
                    Run(ref content);
                    break;
                default:
                    throw new InvalidDataException($"A run worker does not take {kind}.");
            }
        }
    }

    void Unload(int number)
    {
        if (scripts.Remove(number, out var script))
            script.Dispose();
    }

    void Run(ref WireReader batch)
    {
        var script = scripts[batch.Int32()];
        var count = batch.Count(0);
        var outcomes = new OutcomeWriter(count);
        var before = ProcessorTime.OfThread;
        var turn = TimeSpan.FromMilliseconds(bounds.TurnMilliseconds);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count && (i == 0 || Stopwatch.GetElapsedTime(start) < turn); i++)
            RunItem(script, items.Read(ref batch, script.Members), outcomes);
        outcomes.CopyTo(connection.Begin(FrameKind.Outcomes), isSpent, ProcessorTime.OfThread - before);
        connection.Send();
    }

    void RunItem(LoadedScript script, RatingItem item, OutcomeWriter outcomes)
    {
        try
        {
            Meter.Arm(bounds);
            outcomes.Add(script.Price(item));
        }
        catch (Exception failure) when (failure is not InvalidDataException)
        {
            // The boundary to code that is not ours: whatever a script throws is its outcome, never the worker's.
            Fail(failure, outcomes);
        }
    }

    void Fail(Exception failure, OutcomeWriter outcomes)
    {
        // The base library's sort wraps what a comparison throws.
        while (failure is InvalidOperationException { InnerException: { } inner })
            failure = inner;
        if (failure is ScriptStopped stopped)
        {
            outcomes.AddFailure(stopped.Code, stopped.Message);
        }
        else if (failure is OutOfMemoryException)
        {
            // The heap's own limit, below the meter's. What else it hit is unknown, so the host is asked for a new worker.
            isSpent = true;
            outcomes.AddFailure(ScriptStopped.Memory, "The script used too much memory.");
        }
        else
        {
            outcomes.AddFailure(ScriptStopped.Threw, $"{failure.GetType().Name}: {failure.Message}");
        }
    }
}
