using IspHost.Sdk.Events;
using IspHost.Sdk.Web;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Outbox;

/// <summary>One event on its way to one handler.</summary>
/// <param name="Context">Which event.</param>
/// <param name="Body">Its record as JSON.</param>
/// <param name="Attempt">1 for the first.</param>
sealed record Delivery(EventContext Context, string Body, int Attempt);

/// <summary>How many deliveries of a tenant wait.</summary>
/// <param name="Pending">To be delivered, or tried again.</param>
/// <param name="Retrying">Those of them that have failed before.</param>
/// <param name="Dead">Given up.</param>
public sealed record DeliveryCounts(int Pending, int Retrying, int Dead);

/// <summary>Where a delivery that is not done stands.</summary>
public enum DeliveryState
{
    /// <summary>Given up.</summary>
    Dead,

    /// <summary>Tried without success, and to be tried again.</summary>
    Failing,

    /// <summary>To be delivered, tried or not.</summary>
    Pending,
}

/// <summary>Dead deliveries of a tenant: those that all of what is given fits.</summary>
/// <param name="Event">Of this event.</param>
/// <param name="Plugin">To a handler of this plugin.</param>
/// <param name="Handler">To this handler.</param>
/// <param name="Before">Given up before this time.</param>
public sealed record DeadDeliveries(
    Guid? Event = null, [Line(200)] string? Plugin = null, [Line(200)] string? Handler = null, Instant? Before = null);

/// <summary>A delivery that is not done, as the API shows it.</summary>
public sealed record DeliveryView
{
    /// <summary>The event.</summary>
    public required Guid Event { get; init; }

    /// <summary>The event's name, such as <c>invoice.issued</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is about, as whoever published it named it.</summary>
    public required string Key { get; init; }

    /// <summary>When it happened, by the tenant's clock.</summary>
    public required Instant HappenedAt { get; init; }

    /// <summary>The plugin that wants it.</summary>
    public required string Plugin { get; init; }

    /// <summary>The handler within the plugin.</summary>
    public required string Handler { get; init; }

    /// <summary>How often it was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>Why the last attempt failed; null before the first failure.</summary>
    public string? Error { get; init; }

    /// <summary>When it is tried again; null if it was given up.</summary>
    public Instant? NextAt { get; init; }

    /// <summary>When it was given up.</summary>
    public Instant? DeadAt { get; init; }

    internal DeliveryPosition Position => new(Event, Plugin, Handler);

    internal static DeliveryView Read(NpgsqlDataReader row) => new()
    {
        Event = row.GetGuid(0),
        Kind = row.GetString(1),
        Plugin = row.GetString(2),
        Handler = row.GetString(3),
        Key = row.GetString(4),
        HappenedAt = row.GetFieldValue<Instant>(5),
        Attempts = row.GetInt32(6),
        Error = row.IsDBNull(7) ? null : row.GetString(7),
        DeadAt = row.GetBoolean(8) ? row.GetFieldValue<Instant>(9) : null,
        NextAt = row.GetBoolean(8) ? null : row.GetFieldValue<Instant>(9),
    };
}

/// <summary>A place in the list of deliveries.</summary>
readonly record struct DeliveryPosition(Guid Event, string Plugin, string Handler)
{
    /// <summary>Before all.</summary>
    public static DeliveryPosition First { get; } = new(Guid.Empty, "", "");

    /// <summary>As a cursor keeps it.</summary>
    public string[] Texts => [Event.ToString(), Plugin, Handler];

    /// <summary>What <see cref="Texts"/> has written; null if it cannot be one.</summary>
    public static DeliveryPosition? Of(string[]? texts) => texts switch
    {
        null => First,
        [var id, var plugin, var handler] when Guid.TryParse(id, out var of) => new DeliveryPosition(of, plugin, handler),
        _ => null,
    };
}
