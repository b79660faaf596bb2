using System.Net;

namespace IspHost.PluginRuntime;

/// <summary>A UDP port that the host keeps open for a plugin, and what has passed since it was opened.</summary>
public sealed record ListenerStatus
{
    /// <summary>The listener's name.</summary>
    public required string Name { get; init; }

    /// <summary>The plugin that handles what arrives.</summary>
    public required string Plugin { get; init; }

    /// <summary>Where it listens, with the port that was really opened.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>Datagrams that arrived.</summary>
    public required long Received { get; init; }

    /// <summary>Answers sent.</summary>
    public required long Answered { get; init; }

    /// <summary>Datagrams dropped because the queue was full.</summary>
    public required long Dropped { get; init; }

    /// <summary>Datagrams dropped because they were too long.</summary>
    public required long Oversized { get; init; }

    /// <summary>Datagrams in batches whose handler threw, or did not end in time.</summary>
    public required long Failed { get; init; }

    /// <summary>How often receiving failed. After each time it goes on.</summary>
    public required long Interrupted { get; init; }
}
