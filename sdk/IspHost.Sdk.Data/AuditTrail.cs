using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace IspHost.Sdk.Data;

/// <summary>Records who did what, in the transaction that does it.</summary>
public static class AuditTrail
{
    /// <summary>Adds an entry in the connection's present transaction, which must have its tenant set.</summary>
    /// <param name="connection">The connection that makes the change.</param>
    /// <param name="tenant">For whom.</param>
    /// <param name="entry">What was done.</param>
    /// <param name="cancellationToken">Stops the write.</param>
    public static async Task RecordAsync(
        NpgsqlConnection connection, TenantId tenant, AuditEntry entry, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select host.record_v1($1, $2, $3, $4, $5, $6, $7)", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = entry.At });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = entry.Actor });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = entry.Action });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = entry.Object });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)entry.Detail ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>Something that was done.</summary>
public sealed record AuditEntry
{
    /// <summary>When, by the tenant's clock.</summary>
    public required Instant At { get; init; }

    /// <summary>Who: <c>key:</c> and an API key's public part, or <c>plugin:</c> and its id.</summary>
    public required string Actor { get; init; }

    /// <summary>What, as subject and verb: <c>subscription.suspend</c>.</summary>
    public required string Action { get; init; }

    /// <summary>To what: a kind, a slash and an identity.</summary>
    public required string Object { get; init; }

    /// <summary>More about it as JSON. No passwords, secrets or card data.</summary>
    public string? Detail { get; init; }
}
