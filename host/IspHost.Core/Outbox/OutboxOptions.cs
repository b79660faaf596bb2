using IspHost.Core.Work;

namespace IspHost.Core.Outbox;

/// <summary>How events are delivered.</summary>
public sealed record OutboxOptions
{
    /// <summary>How often a node looks for events that no announcement told it of, and for those to be tried again.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many events one handler gets at once on one node. Handlers don't wait for each other.</summary>
    public int AtOnce { get; init; } = 8;

    /// <summary>After this long without an end, another node may take a delivery for lost. Longer than a handler may take.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>The pauses before a delivery that failed is tried again.</summary>
    public Backoff Retry { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15));

    /// <summary>The pauses before one is tried again that met no handler: its plugin is being replaced, or failing.</summary>
    public Backoff Absent { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));

    /// <summary>After this long a delivery is given up: it stays, dead and visible.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(3);
}
