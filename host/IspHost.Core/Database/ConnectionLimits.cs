using System.Data.Common;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>How many connections a node may have, and for what.</summary>
public sealed record ConnectionLimits
{
    const int Default = 60;
    const int Least = 16;

    /// <summary>Of the cluster, which keeps its own.</summary>
    internal const int Cluster = 4;

    /// <summary>For schemas.</summary>
    internal const int Owner = 2;

    /// <summary>For the pulse and for health, beside what is shared out.</summary>
    internal const int Watch = 2;

    /// <summary>For jobs, events, actors and all else that runs by itself; null for what the others leave.</summary>
    public int? Work { get; init; }

    /// <summary>For requests; null for a quarter.</summary>
    public int? Requests { get; init; }

    /// <summary>For packets; null for a quarter.</summary>
    public int? Packets { get; init; }

    /// <summary>Shares out what the connection string allows by <c>Maximum Pool Size</c>, 60 if it does not say.</summary>
    /// <exception cref="DatabaseStartException">They do not fit.</exception>
    internal IReadOnlyDictionary<DatabaseLane, int> Of(NpgsqlConnectionStringBuilder settings)
    {
        var given = new DbConnectionStringBuilder { ConnectionString = settings.ConnectionString };
        var isSaid = given.ContainsKey("Maximum Pool Size");
        var most = isSaid ? settings.MaxPoolSize : Default;
        if (most < Least)
            throw new DatabaseStartException($"Maximum Pool Size is {most}: a node needs at least {Least} connections.");
        var packets = Packets ?? most / 4;
        var requests = Requests ?? most / 4;
        var work = Work ?? most - Cluster - Owner - packets - requests;
        var all = packets + requests + work + Cluster + Owner;
        if (int.Min(int.Min(packets, requests), work) < 2)
            throw new DatabaseStartException(
                $"Packets would have {packets} connections, requests {requests}, and work {work}: each needs at least 2.");
        if (isSaid && all > most)
            throw new DatabaseStartException($"{all} connections are shared out, but Maximum Pool Size is {most}.");
        return new Dictionary<DatabaseLane, int>
        {
            [DatabaseLane.Packets] = packets,
            [DatabaseLane.Requests] = requests,
            [DatabaseLane.Work] = work,
        };
    }
}
