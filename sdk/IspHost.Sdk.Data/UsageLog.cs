using IspHost.Sdk.Usage;
using NodaTime;
using Npgsql;

namespace IspHost.Sdk.Data;

/// <summary>Stores usage in the transaction that has measured it.</summary>
public static class UsageLog
{
    /// <summary>Appends records in the connection's present transaction, which must have its tenant set.</summary>
    /// <remarks>A record that is there already is left as it is, so measuring twice is harmless.</remarks>
    public static async Task AppendAsync(
        NpgsqlConnection connection, TenantId tenant, IReadOnlyCollection<UsageRecord> records, CancellationToken cancellationToken)
    {
        if (records.Count == 0)
            return;
        await using var command = new NpgsqlCommand("select host.append_usage_v1($1, $2, $3, $4, $5, $6, $7)", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Instant[]> { TypedValue = [.. records.Select(record => record.Start)] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. records.Select(record => record.Id)] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. records.Select(record => record.Subscription.Value)] });
        command.Parameters.Add(new NpgsqlParameter<Instant[]> { TypedValue = [.. records.Select(record => record.End)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. records.Select(record => record.Up.Bytes)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. records.Select(record => record.Down.Bytes)] });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
