using IspHost.Core.Work;

namespace IspHost.Core.Actors;

/// <summary>How actors are looked after.</summary>
public sealed record ActorOptions
{
    /// <summary>How often a node looks for wake-ups that are due and that no timer remembers.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The pauses before a wake-up whose turn failed is tried again.</summary>
    public Backoff Retry { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15));
}
