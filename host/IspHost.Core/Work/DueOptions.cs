namespace IspHost.Core.Work;

/// <summary>How a node looks for what is due, and how much of it is done at once.</summary>
public sealed record DueOptions
{
    /// <summary>How long a node that has nothing to do waits before it looks again, if nothing tells it to look before.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After this long, what a node that died has taken is another one's to take. A node that lives renews its leases.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many jobs and events compute at once while packets come: by default half of the processors.</summary>
    public int Turns { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>A job or an event that takes longer is taken to wait for something, and is not counted any more.</summary>
    public TimeSpan LongestTurn { get; init; } = TimeSpan.FromMilliseconds(500);
}
