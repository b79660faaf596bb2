using IspHost.Core.Work;

namespace IspHost.Core.Jobs;

/// <summary>How runs of jobs are looked after.</summary>
public sealed record JobOptions
{
    /// <summary>How often a node looks for runs that nobody works on, such as those of a node that died.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a run makes sure that its partitions are being worked on.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The pauses before a piece that failed is tried again.</summary>
    public Backoff Retry { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
}
