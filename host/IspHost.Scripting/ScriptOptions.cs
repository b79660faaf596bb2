namespace IspHost.Scripting;

/// <summary>How price scripts are run on this machine.</summary>
public sealed record ScriptOptions
{
    /// <summary>How many workers run scripts at the same time; one more is kept warm.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>The worker's executable. By default it is looked for beside this assembly, then in the build output.</summary>
    public string? WorkerPath { get; init; }

    /// <summary>What scripts may cost.</summary>
    public ScriptLimits Limits { get; init; } = new();

    /// <summary>Batches that a run worker serves before a fresh one takes its place.</summary>
    public int BatchesPerWorker { get; init; } = 20_000;
}
