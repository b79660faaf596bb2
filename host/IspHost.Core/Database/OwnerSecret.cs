using Npgsql;

namespace IspHost.Core.Database;

/// <summary>Values that all nodes share and that only the owner of the database can read.</summary>
static class OwnerSecret
{
    /// <summary>The values with this name, or with it and a hyphen before the rest.</summary>
    public static IReadOnlyList<(string Name, string Value)> Read(NpgsqlDataSource owner, string name)
    {
        using var command = owner.CreateCommand(
            "select name, value from isphost_owner.secret where name = $1 or starts_with(name, $1 || '-')");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        using var reader = command.ExecuteReader();
        var found = new List<(string, string)>();
        while (reader.Read())
            found.Add((reader.GetString(0), reader.GetString(1)));
        return found;
    }

    /// <summary>Forgets the value with this name.</summary>
    public static async Task RemoveAsync(NpgsqlDataSource owner, string name, CancellationToken cancellationToken)
    {
        await using var command = owner.CreateCommand("delete from isphost_owner.secret where name = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The value with this name; made if there is none. Of two nodes that make it at once, both get the same.</summary>
    public static async Task<string> EnsureAsync(
        NpgsqlDataSource owner, string name, Func<string> make, CancellationToken cancellationToken)
    {
        await using var connection = await owner.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var prepare = new NpgsqlCommand("""
            set local client_min_messages = warning;
            select pg_advisory_xact_lock(hashtext('isphost.secret'));
            create schema if not exists isphost_owner;
            create table if not exists isphost_owner.secret (name text primary key, value text not null);
            """, connection);
        await prepare.ExecuteNonQueryAsync(cancellationToken);

        await using var command = new NpgsqlCommand("""
            with made as (insert into isphost_owner.secret (name, value) values ($1, $2) on conflict (name) do nothing returning value)
            select value from made union all select value from isphost_owner.secret where name = $1 limit 1
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = make() });
        var value = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
        await transaction.CommitAsync(cancellationToken);
        return value;
    }
}
