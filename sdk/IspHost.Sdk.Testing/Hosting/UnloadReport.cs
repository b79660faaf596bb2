namespace IspHost.Sdk.Testing;

/// <summary>What <see cref="PluginTestHost.AssertUnloadsAsync"/> has seen.</summary>
/// <param name="Cycles">Each load and unload, in order.</param>
/// <param name="HeapGrowth">Octets a cycle by which the managed heap grew after the first cycles; null if there were no others.</param>
/// <param name="ProcessGrowth">Octets a cycle by which the memory of the process grew; null if there were no others.</param>
public sealed record UnloadReport(IReadOnlyList<UnloadCycle> Cycles, long? HeapGrowth, long? ProcessGrowth)
{
    /// <summary>A line a cycle, for the log of a test.</summary>
    public override string ToString()
        => $"{string.Join('\n', Cycles)}\nGrowth a cycle: heap {HeapGrowth / 1024:N0} KiB, process {ProcessGrowth / 1024:N0} KiB";
}

/// <summary>One load and unload.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Drain">How long it took until no call ran and the container was disposed.</param>
/// <param name="Unload">How long it took until the code was proven gone.</param>
/// <param name="HeapBytes">The managed heap afterwards.</param>
/// <param name="ProcessBytes">The physical memory of the process afterwards.</param>
public sealed record UnloadCycle(int Number, TimeSpan Drain, TimeSpan Unload, long HeapBytes, long ProcessBytes)
{
    /// <summary>For the log of a test.</summary>
    public override string ToString()
        => FormattableString.Invariant($"Cycle {Number}: drained in {Drain.TotalMilliseconds:F0} ms, ")
            + FormattableString.Invariant($"gone in {Unload.TotalMilliseconds:F0} ms, ")
            + FormattableString.Invariant($"heap {HeapBytes / 1024:N0} KiB, process {ProcessBytes / 1024:N0} KiB");
}
