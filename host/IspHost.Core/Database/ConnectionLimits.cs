using System.Data.Common;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>How many connections a node may have, and for what.</summary>
public sealed record ConnectionLimits
{
    const int Default = 80;
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

    /// <summary>Shares out what the connection string allows by <c>Maximum Pool Size</c>, 80 if it does not say.</summary>
    /// <exception cref="DatabaseStartException">They do not fit.</exception>
    internal LaneSizes Of(NpgsqlConnectionStringBuilder settings)
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
        return new LaneSizes(packets, requests, work);
    }
}

/// <summary>How many connections there may be in each lane, of the host and all plugins together.</summary>
readonly record struct LaneSizes(int Packets, int Requests, int Work)
{
    /// <summary>How many there may be in a lane.</summary>
    public int this[DatabaseLane lane] => lane switch
    {
        DatabaseLane.Packets => Packets,
        DatabaseLane.Requests => Requests,
        _ => Work,
    };

    /// <summary>Packets come to plugins, and the host reads for them now and then; all else it shares with the plugins by halves.</summary>
    public int OfHost(DatabaseLane lane) => lane is DatabaseLane.Packets ? int.Max(1, Packets / 8) : this[lane] / 2;

    /// <summary>What one of several plugins gets of the rest: at least one.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="hearsDatagrams">Whether packets come to it; if none do, it needs no connection for them.</param>
    /// <param name="plugins">How many share the rest.</param>
    public int OfPlugin(DatabaseLane lane, bool hearsDatagrams, int plugins)
        => lane is DatabaseLane.Packets && !hearsDatagrams ? 1 : int.Max(1, (this[lane] - OfHost(lane)) / plugins);
}
