namespace IspHost.Sdk.Testing;

/// <summary>What <see cref="PluginTestHost.AssertUnloadsAsync"/> has seen.</summary>
public sealed record UnloadReport
{
    /// <summary>Each load and unload, in order.</summary>
    public required IReadOnlyList<UnloadCycle> Cycles { get; init; }

    /// <summary>Octets a cycle by which the managed heap grew after the first cycles; null if there were no others.</summary>
    public required long? HeapGrowth { get; init; }

    /// <summary>Octets a cycle by which the physical memory of the process grew; null as above.</summary>
    public required long? ProcessGrowth { get; init; }

    /// <summary>A line a cycle, for the log of a test.</summary>
    public override string ToString()
        => $"{string.Join('\n', Cycles)}\nGrowth a cycle: heap {HeapGrowth / 1024:N0} KiB, process {ProcessGrowth / 1024:N0} KiB";
}

/// <summary>One load and unload.</summary>
public sealed record UnloadCycle
{
    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>How long it took until no call ran and the container was disposed.</summary>
    public required TimeSpan Drain { get; init; }

    /// <summary>How long it took until the code was proven gone.</summary>
    public required TimeSpan Unload { get; init; }

    /// <summary>The managed heap afterwards.</summary>
    public required long HeapBytes { get; init; }

    /// <summary>The physical memory of the process afterwards.</summary>
    public required long ProcessBytes { get; init; }

    /// <summary>For the log of a test.</summary>
    public override string ToString()
        => FormattableString.Invariant($"Cycle {Number}: drained in {Drain.TotalMilliseconds:F0} ms, ")
            + FormattableString.Invariant($"gone in {Unload.TotalMilliseconds:F0} ms, ")
            + FormattableString.Invariant($"heap {HeapBytes / 1024:N0} KiB, process {ProcessBytes / 1024:N0} KiB");
}
