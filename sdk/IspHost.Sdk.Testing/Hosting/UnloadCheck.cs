using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace IspHost.Sdk.Testing;

/// <summary>Loads, uses and unloads a plugin, and looks at what stays.</summary>
sealed class UnloadCheck(PluginTestHost host, PluginTestOptions options)
{
    public async Task<UnloadReport> RunAsync(Func<PluginTestHost, CancellationToken, Task> scenario, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Cycles, 1);
        var cycles = new List<UnloadCycle>();
        for (var number = 1; number <= options.Cycles; number++)
        {
            await host.LoadAsync(stop);
            await UseAsync(scenario, stop);
            cycles.Add(await UnloadAsync(number, stop));
        }
        return Judged(cycles);
    }

    /// <summary>A frame of its own, so that nothing of it is left on the stack.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    async Task UseAsync(Func<PluginTestHost, CancellationToken, Task> scenario, CancellationToken stop)
    {
        await scenario(host, stop);
        await Task.Yield();
    }

    async Task<UnloadCycle> UnloadAsync(int number, CancellationToken stop)
    {
        var removal = host.RemoveAsync(stop);
        while (!removal.IsCompleted)
            await CollectAsync(stop);
        var report = await removal;
        if (!report.Drained)
            throw Failed(number, $"still had calls running {options.DrainLimit.TotalSeconds:0.#} s after it was taken away");

        var more = report.Unloaded ? TimeSpan.Zero : await WaitAsync(stop);
        if (host.IsInMemory)
            throw Failed(number, $"is still in memory {(report.Unload + more).TotalSeconds:0.#} s after it was unloaded", Diagnosis());

        GC.Collect();
        return new UnloadCycle
        {
            Number = number,
            Drain = report.Drain,
            Unload = report.Unload + more,
            HeapBytes = GC.GetTotalMemory(forceFullCollection: true),
            ProcessBytes = Environment.WorkingSet,
        };
    }

    /// <summary>The host has done what it can. What is left is what ends by itself.</summary>
    async Task<TimeSpan> WaitAsync(CancellationToken stop)
    {
        var since = Stopwatch.GetTimestamp();
        while (host.IsInMemory && Stopwatch.GetElapsedTime(since) < options.UnloadLimit)
            await CollectAsync(stop);
        return Stopwatch.GetElapsedTime(since);
    }

    /// <summary>The host is patient, since a collection stops whoever it serves. Nobody is served here.</summary>
    static async Task CollectAsync(CancellationToken stop)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(20), stop);
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    UnloadReport Judged(IReadOnlyList<UnloadCycle> cycles)
    {
        var report = new UnloadReport
        {
            Cycles = cycles,
            HeapGrowth = GrowthOf(cycles, cycle => cycle.HeapBytes),
            ProcessGrowth = GrowthOf(cycles, cycle => cycle.ProcessBytes),
        };
        if (report.HeapGrowth > options.MaxHeapGrowth)
            throw TooMuch("managed heap", report.HeapGrowth.Value, options.MaxHeapGrowth.Value, report);
        if (report.ProcessGrowth > options.MaxProcessGrowth)
            throw TooMuch("memory of the process", report.ProcessGrowth.Value, options.MaxProcessGrowth.Value, report);
        return report;
    }

    long? GrowthOf(IReadOnlyList<UnloadCycle> cycles, Func<UnloadCycle, long> measure)
    {
        var measured = cycles.Skip(Math.Max(0, options.WarmUpCycles - 1)).Select(measure).ToList();
        return measured.Count < 2 ? null : (measured[^1] - measured[0]) / (measured.Count - 1);
    }

    PluginTestException TooMuch(string what, long growth, long max, UnloadReport report) => new(
        $"{host.Plugin.Id} was unloaded every time, but the {what} grew by {growth / 1024} KiB a cycle; {max / 1024} KiB were allowed.\n"
        + $"{report}{host.Warnings}");

    PluginTestException Failed(int cycle, string what, string diagnosis = "") => new(
        $"{host.Plugin.Id} {what}, in cycle {cycle} of {options.Cycles}.{diagnosis}{host.Warnings}");

    string Diagnosis() => string.Concat(
        Paragraph("Loaded are", Holders.LoadedOf(host.Plugin)),
        Paragraph("It is held by", Holders.Of(host.Plugin)),
        Paragraph("Its code has what is known to hold a plugin", Suspects.In(host.Plugin)),
        "\nThe other reasons are in docs/plugin-authors/unloading.md; the scenario itself may have kept something, too.");

    static string Paragraph(string title, IReadOnlyList<string> lines)
        => lines.Count == 0 ? "" : $"\n{title}:{string.Concat(lines.Select(line => $"\n  {line}"))}";
}
