using IspHost.Core.Work;

namespace IspHost.Core.Actors;

/// <summary>How actors are looked after.</summary>
public sealed record ActorOptions
{
    /// <summary>How many wake-ups one node has in hand at once; a tenant who is alone gets half.</summary>
    public int AtOnce { get; init; } = 64;

    /// <summary>The pauses before a wake-up whose turn failed is tried again.</summary>
    public Backoff Retry { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15));
}
