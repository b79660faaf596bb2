using IspHost.Core.Work;

namespace IspHost.Core.Jobs;

/// <summary>How runs of jobs are looked after.</summary>
public sealed record JobOptions
{
    /// <summary>
    /// How many pieces of all jobs one node works on at once; a tenant who is alone gets half. It must stay below the number of
    /// connections for work, since each piece may need one.
    /// </summary>
    public int AtOnce { get; init; } = Math.Clamp(2 * Environment.ProcessorCount, 8, 24);

    /// <summary>The pauses before a step or a piece that failed is tried again, and before one that asked for time.</summary>
    public Backoff Retry { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
}
