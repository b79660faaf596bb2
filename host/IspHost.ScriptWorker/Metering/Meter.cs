using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace IspHost.ScriptWorker.Metering;

/// <summary>What compiled scripts call: counts their steps, memory and depth, and stops them. The rewriter puts the calls in.</summary>
/// <remarks>
/// Plain static fields, because a run worker has one thread that runs scripts: an address known to the just-in-time compiler costs
/// less than a thread-static or an argument, and works in operators and records too. Steps are counted exactly; memory and time
/// are looked at once a slice of steps, since asking for them costs more than a step.
/// </remarks>
public static partial class Meter
{
    const int SliceSteps = 256;

    /// <summary>Unarmed, nothing is limited: the worker's own code may use what scripts use.</summary>
    static long fuel = long.MaxValue, ceiling = long.MaxValue, deadline, patience = long.MaxValue / 2;
    static TimeSpan? computedBefore;
    static int slice, longestText = int.MaxValue;
    static nuint floor;

    /// <summary>One step: each turn of a loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Tick()
    {
        if (--slice < 0)
            Settle();
    }

    /// <summary>One step, and a look at the stack: the start of each function, lambda, accessor and operator.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Enter()
    {
        byte here;
        if ((nuint)(&here) < floor)
            throw TooDeep();
        if (--slice < 0)
            Settle();
    }

    /// <summary><see cref="Enter"/> where only an expression can stand.</summary>
    public static bool Check()
    {
        Enter();
        return true;
    }

    /// <summary>Many steps at once, for work that the base library does in one call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Charge(int steps)
    {
        if ((slice -= steps) < 0)
            Settle();
    }

    internal static void Arm(in RunBounds bounds)
    {
        slice = (int)Math.Min(bounds.Fuel, SliceSteps);
        fuel = bounds.Fuel - slice;
        longestText = bounds.TextCharacters;
        ceiling = GC.GetAllocatedBytesForCurrentThread() + bounds.Bytes;
        (deadline, patience, computedBefore) = (0, bounds.ItemMilliseconds * Stopwatch.Frequency / 1000, null);
    }

    /// <summary>Scripts may use this much of the calling thread's stack from here.</summary>
    internal static unsafe void SetStack(int bytes)
    {
        byte here;
        floor = (nuint)(&here) - (nuint)bytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Settle()
    {
        while (slice < 0)
        {
            if (fuel <= 0)
                throw new ScriptStopped(ScriptStopped.Fuel, "The script took too many steps.");
            var taken = (int)Math.Min(fuel, SliceSteps);
            fuel -= taken;
            slice += taken;
        }

        if (GC.GetAllocatedBytesForCurrentThread() > ceiling)
            throw TooMuch();
        if (IsLate(Stopwatch.GetTimestamp()))
            throw new ScriptStopped(ScriptStopped.Time, "The script took too long.");
    }

    /// <summary>
    /// The clock is first read after the first slice: most items end before, and reading it costs more than they do. What the thread
    /// has computed costs more still, and counts only from where an eighth of the time has passed by the clock.
    /// </summary>
    static bool IsLate(long now)
    {
        if (deadline == 0)
            deadline = now + patience / 8;
        if (now <= deadline)
            return false;
        var computed = ProcessorTime.OfThread;
        computedBefore ??= computed;
        var left = patience - (long)((computed - computedBefore.Value).TotalSeconds * Stopwatch.Frequency);
        deadline = now + left;
        return left <= 0;
    }

    static ScriptStopped TooMuch() => new(ScriptStopped.Memory, "The script used too much memory.");

    static ScriptStopped TooDeep() => new(ScriptStopped.Stack, "The script's calls are nested too deep.");
}
