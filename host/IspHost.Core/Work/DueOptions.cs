namespace IspHost.Core.Work;

/// <summary>How a node looks for what is due.</summary>
public sealed record DueOptions
{
    /// <summary>How long a node that has nothing to do waits before it looks again, if nothing tells it to look before.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After this long, what a node that died has taken is another one's to take. A node that lives renews its leases.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);
}
