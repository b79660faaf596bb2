using System.Net;

namespace IspHost.Core.Cluster;

/// <summary>How this process takes part in the cluster. Nodes with the same database and cluster are one.</summary>
public sealed record NodeOptions
{
    /// <summary>Names the cluster within its database.</summary>
    public string Cluster { get; init; } = "isphost";

    /// <summary>Names this node in logs, on the status page and among the nodes of the cluster.</summary>
    public string Name { get; init; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>The address at which other nodes reach this one. It listens on no other.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port for other nodes; 0: any free one.</summary>
    public int Port { get; init; }
}
