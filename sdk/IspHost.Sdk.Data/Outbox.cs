using System.Reflection;
using System.Text.Json;
using IspHost.Sdk.Events;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace IspHost.Sdk.Data;

/// <summary>Publishes events in the transaction of the change that they report.</summary>
/// <remarks>The host delivers them after the commit; if the transaction rolls back, the event never was.</remarks>
public static class Outbox
{
    static readonly JsonSerializerOptions Json = SdkJson.NewOptions();

    /// <summary>Publishes an event in the connection's present transaction, which must have its tenant set.</summary>
    /// <param name="connection">The connection that makes the change.</param>
    /// <param name="tenant">For whom.</param>
    /// <param name="key">Names the event within its kind: a second one with the same key is dropped.</param>
    /// <param name="at">When it happened, by the tenant's clock.</param>
    /// <param name="happened">A record of the SDK, marked with <see cref="EventAttribute"/>.</param>
    /// <param name="cancellationToken">Stops the write.</param>
    public static Task PublishAsync<TEvent>(
        NpgsqlConnection connection, TenantId tenant, string key, Instant at, TEvent happened, CancellationToken cancellationToken)
        where TEvent : class
        => PublishAsync(connection, tenant, at, [(key, happened)], cancellationToken);

    /// <summary>Publishes events of one kind in the connection's present transaction, with one statement.</summary>
    public static async Task PublishAsync<TEvent>(
        NpgsqlConnection connection, TenantId tenant, Instant at, IReadOnlyCollection<(string Key, TEvent Happened)> events,
        CancellationToken cancellationToken)
        where TEvent : class
    {
        if (events.Count == 0)
            return;
        await using var command = new NpgsqlCommand("select host.publish_v1($1, $2, $3, $4, $5, $6)", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = KindOf<TEvent>() });
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = at });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. events.Select(_ => Guid.CreateVersion7())] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. events.Select(e => e.Key)] });
        command.Parameters.Add(new NpgsqlParameter<string[]>
        {
            TypedValue = [.. events.Select(e => JsonSerializer.Serialize(e.Happened, Json))],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static string KindOf<TEvent>()
        => typeof(TEvent).Assembly == typeof(EventAttribute).Assembly && typeof(TEvent).GetCustomAttribute<EventAttribute>() is { } kind
            ? kind.Name
            : throw new ArgumentException($"{typeof(TEvent).Name} is not an event of the SDK.");
}
