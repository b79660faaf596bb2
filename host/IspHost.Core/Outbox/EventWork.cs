using System.Collections.Concurrent;
using System.Text.Json;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Events;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Outbox;

/// <summary>Delivers events to the plugins' handlers.</summary>
/// <remarks>Each handler has places of its own, so a mail server that hangs holds up nothing but mail.</remarks>
sealed partial class EventWork(
    DeliveryRows rows, IPluginWork plugins, Turns turns, OutboxOptions options, ILogger<EventWork> log) : IDueWork
{
    const string Kind = "event";

    static readonly JsonSerializerOptions Json = SdkJson.NewOptions();

    readonly ConcurrentDictionary<Lane, Places> places = new();

    public IEnumerable<(Lane Lane, Places Places)> Lanes
        => plugins.Subscribers.Select(LaneOf).Select(lane => (lane, places.GetOrAdd(lane, _ => new Places(options.AtOnce))));

    public async Task<bool> DoAsync(DueItem item, CancellationToken stop)
    {
        var subscriber = plugins.Subscribers.FirstOrDefault(offered => LaneOf(offered) == item.Lane)
            ?? throw new ExtensionUnavailableException("event handler", item.Lane.Name, "no plugin offers it");
        using var turn = await turns.TakeAsync(stop);
        if (await rows.TakeAsync(item.Tenant, Guid.Parse(item.Id), subscriber, stop) is not { } delivery)
            return false;
        var setback = await SetbackAsync(delivery, subscriber, stop);
        await SettleAsync(delivery, subscriber, setback, stop);
        return true;
    }

    static Lane LaneOf(EventSubscriber subscriber) => new(Kind, subscriber.Plugin, $"{subscriber.Kind} {subscriber.Handler}");

    static async Task<Setback?> SetbackAsync(Delivery delivery, EventSubscriber subscriber, CancellationToken stop)
    {
        try
        {
            var happened = JsonSerializer.Deserialize(delivery.Body, subscriber.EventType, Json)
                ?? throw new JsonException("The event is null.");
            return await subscriber.HandleAsync(delivery.Context, happened, stop) is EventOutcome.Later later
                ? new Setback(later.Reason, null)
                : null;
        }
        catch (Exception cause) // The boundary to the plugin.
        {
            return new Setback(cause.Message, cause);
        }
    }

    async Task SettleAsync(Delivery delivery, EventSubscriber subscriber, Setback? setback, CancellationToken stop)
    {
        switch (setback)
        {
            case null:
                await rows.DoneAsync(delivery, subscriber, CancellationToken.None);
                return;
            case { Cause: OperationCanceledException } when stop.IsCancellationRequested:
                await rows.GiveBackAsync(delivery, subscriber, CancellationToken.None);
                return;
        }

        var (reason, cause) = setback.Value;
        var pauses = cause is ExtensionUnavailableException ? options.Absent : options.Retry;
        var isDead = await rows.FailedAsync(
            delivery, subscriber, reason, pauses.After(delivery.Attempt), options.GiveUpAfter, CancellationToken.None);
        if (isDead)
            GivenUp(log, cause, delivery.Context.Id, subscriber.Plugin, subscriber.Handler, delivery.Attempt, reason);
        else
            Failed(log, cause, delivery.Context.Id, subscriber.Plugin, subscriber.Handler, delivery.Attempt, reason);
    }

    /// <summary>Why a delivery has to come again.</summary>
    /// <param name="Reason">For staff.</param>
    /// <param name="Cause">What was thrown; null if the handler said so itself.</param>
    readonly record struct Setback(string Reason, Exception? Cause);

    [LoggerMessage(LogLevel.Warning,
        "Event {Event} could not be handled by {Plugin} {Handler}, attempt {Attempt}, and comes again: {Reason}")]
    static partial void Failed(
        ILogger log, Exception? cause, Guid @event, string plugin, string handler, int attempt, string reason);

    [LoggerMessage(LogLevel.Error, "Event {Event} was given up after attempt {Attempt} at {Plugin} {Handler}: {Reason}")]
    static partial void GivenUp(
        ILogger log, Exception? cause, Guid @event, string plugin, string handler, int attempt, string reason);
}
