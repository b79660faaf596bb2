using NodaTime;
using Npgsql;

namespace IspHost.Core.Secrets;

/// <summary>What the database knows of a key: <c>host.vault_key</c>.</summary>
sealed record VaultKeyRow(int Number, byte[]? Fingerprint, bool IsCurrent, Instant Since, bool IsEmptied)
{
    public static async Task<IReadOnlyList<VaultKeyRow>> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select number, fingerprint, is_current, since, emptied_at is not null from host.vault_key order by number");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<VaultKeyRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new VaultKeyRow(
                reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1), reader.GetBoolean(2),
                reader.GetFieldValue<Instant>(3), reader.GetBoolean(4)));
        }
        return rows;
    }

    /// <summary>Notes a key that has not been seen before.</summary>
    public async Task SeeAsync(NpgsqlDataSource database, byte[] fingerprint, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update host.vault_key set fingerprint = $2 where number = $1 and fingerprint is null");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Number });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = fingerprint });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Makes a key the one that seals.</summary>
    public static async Task UseAsync(NpgsqlDataSource database, int number, byte[] fingerprint, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("insert into host.vault_key (number, fingerprint) values ($1, $2) on conflict do nothing")
                {
                    Parameters =
                    {
                        new NpgsqlParameter<int> { TypedValue = number }, new NpgsqlParameter<byte[]> { TypedValue = fingerprint },
                    },
                },
                new NpgsqlBatchCommand("update host.vault_key set is_current = false, emptied_at = null where is_current"),
                new NpgsqlBatchCommand("update host.vault_key set is_current = true, since = now() where number = $1")
                {
                    Parameters = { new NpgsqlParameter<int> { TypedValue = number } },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>No ciphertext was found any more that an older key than this one has made.</summary>
    public static async Task EmptiedAsync(NpgsqlDataSource database, int current, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update host.vault_key set emptied_at = now() where number < $1 and emptied_at is null");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = current });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <returns>False if a ciphertext uses it; then what it has made counts as not yet sealed again.</returns>
    public static async Task<bool> RemoveAsync(NpgsqlDataSource database, int number, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand("delete from host.vault_key where number = $1 and not is_current");
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number });
            await command.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }
        catch (PostgresException cause) when (cause.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            await using var command = database.CreateCommand("update host.vault_key set emptied_at = null where number = $1");
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number });
            await command.ExecuteNonQueryAsync(cancellationToken);
            return false;
        }
    }
}
