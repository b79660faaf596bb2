namespace IspHost.Scripting;

/// <summary>How price scripts are run on this machine.</summary>
public sealed record ScriptOptions
{
    /// <summary>How many workers run scripts at the same time; one more is kept warm.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>The worker's executable. By default it is in the folder <c>script-worker</c> beside this assembly.</summary>
    public string? WorkerPath { get; init; }

    /// <summary>Layers of <see cref="ScriptLayers"/> that the operator does without. They are not put on where that is a choice.</summary>
    public IReadOnlyCollection<string> Without { get; init; } = [];

    /// <summary>Layers without which nothing is run.</summary>
    internal IReadOnlyCollection<string> Demanded { get; init; } = ScriptLayers.All;

    /// <summary>What scripts may cost.</summary>
    public ScriptLimits Limits { get; init; } = new();

    /// <summary>Batches that a run worker serves before a fresh one takes its place.</summary>
    public int BatchesPerWorker { get; init; } = 20_000;
}
