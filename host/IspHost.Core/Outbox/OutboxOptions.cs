using IspHost.Core.Work;

namespace IspHost.Core.Outbox;

/// <summary>How events are delivered.</summary>
public sealed record OutboxOptions
{
    /// <summary>How many events one handler gets at once on one node; a tenant who is alone gets half. Handlers don't wait for each
    /// other.</summary>
    public int AtOnce { get; init; } = 16;

    /// <summary>The pauses before a delivery that failed is tried again.</summary>
    public Backoff Retry { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15));

    /// <summary>The pauses before one is tried again that met no handler: its plugin is being replaced, or failing.</summary>
    public Backoff Absent { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));

    /// <summary>After this long a delivery is given up: it stays, dead and visible.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(3);
}
