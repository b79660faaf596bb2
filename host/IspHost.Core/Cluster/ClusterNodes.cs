using IspHost.Sdk.Data;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Cluster;

/// <summary>Who is in the cluster, as PostgreSQL has it.</summary>
public sealed class ClusterNodes(IDatabase database, NodeOptions options)
{
    /// <summary>The name of this process among them.</summary>
    public string Own => options.Name;

    /// <summary>The nodes that take part or are about to, the longest serving first.</summary>
    public async Task<IReadOnlyList<ClusterNode>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Connections.CreateCommand("""
            select name, address, port, status, started_at, alive_at from orleans.silo
            where cluster_id = $1 and status between 1 and 5
            order by started_at, address, port
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = options.Cluster });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var nodes = new List<ClusterNode>();
        while (await reader.ReadAsync(cancellationToken))
            nodes.Add(Read(reader));
        return nodes;
    }

    /// <summary>Forgets all nodes, before this one joins. Only where nobody else can be alive: the others would be split off.</summary>
    /// <remarks>Otherwise a node that comes back after a kill waits for most of a minute until its former self counts as gone.</remarks>
    public async Task ForgetAllAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Connections.CreateCommand("delete from orleans.silo where cluster_id = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = options.Cluster });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static ClusterNode Read(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(0),
        Address = $"{row.GetString(1)}:{row.GetInt32(2)}",
        State = (SiloStatus)row.GetInt32(3) switch
        {
            SiloStatus.Active => NodeState.Active,
            SiloStatus.ShuttingDown or SiloStatus.Stopping => NodeState.Leaving,
            _ => NodeState.Joining,
        },
        Since = row.GetFieldValue<Instant>(4),
        HeardFrom = row.GetFieldValue<Instant>(5),
    };
}

/// <summary>One process of the cluster.</summary>
public sealed record ClusterNode
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Address and port for other nodes.</summary>
    public required string Address { get; init; }

    /// <summary>Whether it serves.</summary>
    public required NodeState State { get; init; }

    /// <summary>When it started.</summary>
    public required Instant Since { get; init; }

    /// <summary>Its last heartbeat in the database; there is one every 10 seconds.</summary>
    public required Instant HeardFrom { get; init; }
}

/// <summary>Where a node stands.</summary>
public enum NodeState
{
    /// <summary>Starting.</summary>
    Joining,

    /// <summary>Serving.</summary>
    Active,

    /// <summary>Handing over and stopping.</summary>
    Leaving,
}
