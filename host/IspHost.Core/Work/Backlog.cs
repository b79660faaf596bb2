using IspHost.Sdk;
using IspHost.Sdk.Data;
using Npgsql;

namespace IspHost.Core.Work;

/// <summary>How much is due in the whole cluster, for metrics, health and the operator. One statement over ids.</summary>
public sealed class Backlog(IDatabase database)
{
    /// <summary>What there is, by handler, job and type of actor.</summary>
    public async Task<IReadOnlyList<LaneBacklog>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Connections.CreateCommand("""
            select kind, plugin, name, count(*) filter (where ready), count(*) filter (where node is not null),
                   count(*) filter (where at = 'infinity'), coalesce(extract(epoch from now() - min(at) filter (where ready)), 0)::float8
            from host.due group by kind, plugin, name order by kind, plugin, name
            """);
        return await ReadAsync(command, LaneBacklog.Read, cancellationToken);
    }

    /// <summary>How many deliveries of each tenant were given up, by handler, behind a position.</summary>
    internal Task<List<GivenUp>> GivenUpAsync(GivenUp after, int most, CancellationToken cancellationToken)
    {
        var command = database.Connections.CreateCommand("""
            select tenant_id, plugin, name, count(*) from host.due
            where kind = 'event' and at = 'infinity' and not ready and (tenant_id, plugin, name) > ($1, $2, $3)
            group by tenant_id, plugin, name order by tenant_id, plugin, name limit $4
            """);
        foreach (var value in (object[])[after.Tenant.Value, after.Plugin, after.Name, most])
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return ReadAsync(command, GivenUp.Read, cancellationToken);
    }

    static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        await using var _ = command;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(row(reader));
        return rows;
    }
}

/// <summary>How much is due for one handler, job or type of actor, of all tenants.</summary>
/// <param name="Kind">What it is: <c>event</c>, <c>job</c>, <c>actor</c> or <c>import</c>.</param>
/// <param name="Plugin">The plugin's id; <c>host</c> for what is the host's own.</param>
/// <param name="Name">The event and its handler, the job, the type of actor, or what is imported.</param>
/// <param name="Ready">So many wait for a node.</param>
/// <param name="UnderWay">So many a node has taken.</param>
/// <param name="GivenUp">So many are tried no more.</param>
/// <param name="OldestSeconds">How long the longest has been waiting for a node.</param>
public sealed record LaneBacklog(string Kind, string Plugin, string Name, long Ready, long UnderWay, long GivenUp, double OldestSeconds)
{
    internal static LaneBacklog Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetDouble(6));
}

/// <summary>How many deliveries of one tenant to one handler were given up.</summary>
sealed record GivenUp(TenantId Tenant, string Plugin, string Name, long Count)
{
    internal static GivenUp Read(NpgsqlDataReader row)
        => new(new TenantId(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetInt64(3));
}
