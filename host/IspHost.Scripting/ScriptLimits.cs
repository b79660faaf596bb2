namespace IspHost.Scripting;

/// <summary>What a script may cost. The defaults leave a rule that a person would write a hundred times the room it needs.</summary>
public sealed record ScriptLimits
{
    /// <summary>Steps of one item: turns of loops, calls, elements of sequences. Beyond it: <c>SBX200</c>.</summary>
    public long Fuel { get; init; } = 1_000_000;

    /// <summary>Bytes that one item may allocate. Beyond it: <c>SBX201</c>.</summary>
    public long Bytes { get; init; } = 8 << 20;

    /// <summary>Characters of the longest text. It also bounds what searching in one can cost. Beyond it: <c>SBX201</c>.</summary>
    public int TextCharacters { get; init; } = 64 << 10;

    /// <summary>The processor time of one item, looked at by the script's own steps. Beyond it: <c>SBX203</c>.</summary>
    public TimeSpan ItemTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The processor time in which a run worker may give no sign of life. More than <see cref="ItemTime"/>.</summary>
    public TimeSpan HangTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The processor time of a compile worker for one source.</summary>
    public TimeSpan CompileTime { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>After so long, or one item, a batch makes room for the next tenant's and waits for its next turn.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The processor time of all items of one call of <see cref="PriceScripts.RunAsync"/>. Beyond it: <c>SBX206</c>.</summary>
    public TimeSpan CallTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The processor time of a tenant in a window. What it wants beyond it comes after what others want.</summary>
    public TimeSpan TenantTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The window of <see cref="TenantTime"/>.</summary>
    public TimeSpan TenantWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Batches of 1,000 items of one tenant that may wait for a worker. Beyond it: <c>SBX206</c>.</summary>
    public int WaitingBatches { get; init; } = 1_000;

    /// <summary>Sources of one tenant that may wait to be checked. Beyond it: <see cref="ScriptVerdict.OverShare"/>.</summary>
    public int WaitingSources { get; init; } = 4;

    /// <summary>The longest source, in bytes of UTF-8.</summary>
    public int SourceBytes { get; init; } = 32 << 10;

    /// <summary>How deep brackets may be nested in a source.</summary>
    public int Nesting { get; init; } = 64;

    /// <summary>How many operators, member accesses and calls one expression may chain.</summary>
    public int ChainLength { get; init; } = 512;

    /// <summary>The garbage-collected heap of a run worker.</summary>
    public long WorkerHeapBytes { get; init; } = 128 << 20;

    /// <summary>The garbage-collected heap of the compile worker.</summary>
    public long CompilerHeapBytes { get; init; } = 512 << 20;

    /// <summary>Workers that one call of <see cref="PriceScripts.RunAsync"/> may lose before its other items are given up.</summary>
    public int LostWorkers { get; init; } = 6;
}
