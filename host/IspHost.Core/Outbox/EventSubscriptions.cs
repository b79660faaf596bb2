using IspHost.Sdk.Data;
using NuGet.Versioning;
using Npgsql;

namespace IspHost.Core.Outbox;

/// <summary>Who wants which events, in the whole cluster. It outlives a plugin that is away: what happens meanwhile waits for it.</summary>
/// <remarks>
/// Nodes may have different versions of a plugin for a while, and one row holds what the newest of them wants. Only a replacement may
/// set it back, for then the operator wants the older version. It ends when the operator has removed the plugin from the last node.
/// </remarks>
sealed class EventSubscriptions(IDatabase database)
{
    /// <summary>Stores what a version of a plugin wants, before its first call.</summary>
    /// <param name="plugin">The plugin's id.</param>
    /// <param name="version">Its version.</param>
    /// <param name="wanted">Events and their handlers.</param>
    /// <param name="isReplacement">Whether the operator puts this version in the place of another.</param>
    /// <param name="nodes">Where it serves.</param>
    /// <param name="stop">Stops the writes.</param>
    public async Task AdoptAsync(
        string plugin, string version, IReadOnlyCollection<(string Kind, string Handler)> wanted, bool isReplacement, NodesAlive nodes,
        CancellationToken stop)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        if (isReplacement || NuGetVersion.Parse(await LockAsync(connection, plugin, version, stop)) <= NuGetVersion.Parse(version))
            await StoreAsync(connection, plugin, version, wanted, stop);
        await ExecuteAsync(
            connection, plugin, nodes, stop, Forget, "insert into host.event_subscriber_node values ($1, $2) on conflict do nothing");
        await transaction.CommitAsync(stop);
    }

    /// <summary>The operator has removed the plugin from a node. If no other has it, nothing is delivered to it any more.</summary>
    /// <remarks>What has happened before waits for it to come back, as long as any delivery waits.</remarks>
    public async Task LeaveAsync(string plugin, NodesAlive nodes, CancellationToken stop)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await ExecuteAsync(
            connection, plugin, nodes, stop,
            "select from host.event_subscriber where plugin = $1 for update",
            Forget,
            "delete from host.event_subscriber_node where plugin = $1 and node = $2",
            $"delete from host.event_subscription where plugin = $1 and {NobodyServes}",
            $"delete from host.event_subscriber where plugin = $1 and {NobodyServes}");
        await transaction.CommitAsync(stop);
    }

    const string Forget = "delete from host.event_subscriber_node where plugin = $1 and node <> $2 and node <> all ($3)";
    const string NobodyServes = "not exists (select from host.event_subscriber_node where plugin = $1)";

    /// <summary>Holds the plugin's row, so that the other nodes wait for this one.</summary>
    static async Task<string> LockAsync(NpgsqlConnection connection, string plugin, string version, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into host.event_subscriber as s values ($1, $2) on conflict (plugin) do update set version = s.version returning version
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = plugin });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = version });
        return (string)(await command.ExecuteScalarAsync(stop))!;
    }

    static async Task StoreAsync(
        NpgsqlConnection connection, string plugin, string version, IReadOnlyCollection<(string Kind, string Handler)> wanted,
        CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Command("insert into host.event_subscriber values ($1, $4) on conflict (plugin) do update set version = excluded.version"),
                Command("delete from host.event_subscription where plugin = $1 and (kind, handler) not in (select * from unnest($2, $3))"),
                Command("insert into host.event_subscription select $1, * from unnest($2, $3) on conflict do nothing"),
            },
        };
        await batch.ExecuteNonQueryAsync(stop);

        NpgsqlBatchCommand Command(string sql) => new(sql)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = plugin },
                new NpgsqlParameter<string[]> { TypedValue = [.. wanted.Select(want => want.Kind)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. wanted.Select(want => want.Handler)] },
                new NpgsqlParameter<string> { TypedValue = version },
            },
        };
    }

    static async Task ExecuteAsync(
        NpgsqlConnection connection, string plugin, NodesAlive nodes, CancellationToken stop, params string[] statements)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in statements)
        {
            batch.BatchCommands.Add(new(sql)
            {
                Parameters =
                {
                    new NpgsqlParameter<string> { TypedValue = plugin },
                    new NpgsqlParameter<string> { TypedValue = nodes.Own },
                    new NpgsqlParameter<string[]> { TypedValue = [.. nodes.All] },
                },
            });
        }
        await batch.ExecuteNonQueryAsync(stop);
    }
}

/// <summary>The nodes of the cluster, by their names.</summary>
/// <param name="Own">This one, which may be about to join.</param>
/// <param name="All">Those that take part.</param>
sealed record NodesAlive(string Own, IReadOnlyCollection<string> All);
