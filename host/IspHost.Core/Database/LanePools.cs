using Npgsql;

namespace IspHost.Core.Database;

/// <summary>The connections of one role: a pool for packets, one for requests and one for work.</summary>
sealed class LanePools(NpgsqlDataSource packets, NpgsqlDataSource requests, NpgsqlDataSource work)
{
    /// <summary>The pool of what the present flow of calls belongs to.</summary>
    public NpgsqlDataSource Current => DatabaseLanes.Current switch
    {
        DatabaseLane.Packets => packets,
        DatabaseLane.Requests => requests,
        _ => work,
    };

    public IReadOnlyList<NpgsqlDataSource> All { get; } = [packets, requests, work];
}
