using System.Text.Json;
using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Events;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Outbox;

/// <summary>The way to one handler on this node. It has places of its own, so a mail server that hangs holds up nothing but mail.</summary>
sealed partial class Lane(EventSubscriber subscriber, OutboxRows rows, OutboxOptions options, ILogger log) : IDisposable
{
    static readonly JsonSerializerOptions Json = SdkJson.NewOptions();

    readonly TenantQueue tenants = new();
    readonly SemaphoreSlim places = new(options.AtOnce, options.AtOnce);

    /// <summary>Looks for deliveries of a tenant.</summary>
    public void Nudge(TenantId tenant) => tenants.Add(tenant);

    /// <summary>Delivers until it is stopped, and then waits for what is under way.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
                await ServeAsync(await tenants.TakeAsync(stop), stop);
        }
        catch (OperationCanceledException)
        {
            for (var i = 0; i < options.AtOnce; i++)
                await places.WaitAsync(CancellationToken.None);
        }
    }

    public void Dispose() => places.Dispose();

    /// <summary>Takes as many as there are free places. A tenant that may have more goes to the end of the queue.</summary>
    async Task ServeAsync(TenantId tenant, CancellationToken stop)
    {
        var free = await FreePlacesAsync(stop);
        var taken = await TakeAsync(tenant, free, stop);
        if (taken.Count < free)
            places.Release(free - taken.Count);
        else
            Nudge(tenant);
        foreach (var delivery in taken)
            _ = Task.Run(() => DeliverAsync(delivery, stop), CancellationToken.None);
    }

    async Task<int> FreePlacesAsync(CancellationToken stop)
    {
        await places.WaitAsync(stop);
        var free = 1;
        while (places.Wait(0, CancellationToken.None))
            free++;
        return free;
    }

    async Task<List<Delivery>> TakeAsync(TenantId tenant, int most, CancellationToken stop)
    {
        try
        {
            return await rows.TakeAsync(tenant, subscriber, most, options.Lease, stop);
        }
        catch (Exception cause) // Database away, or this node is stopping: what was taken falls back when its lease ends.
        {
            if (!stop.IsCancellationRequested)
                TakingFailed(log, cause, subscriber.Plugin, subscriber.Handler);
            return [];
        }
    }

    async Task DeliverAsync(Delivery delivery, CancellationToken stop)
    {
        try
        {
            var setback = await SetbackAsync(delivery, stop);
            await SettleAsync(delivery, setback, stop);
        }
        catch (Exception cause) // The database did not take the outcome: the delivery is repeated when its lease ends.
        {
            SettlingFailed(log, cause, delivery.Context.Id, subscriber.Plugin, subscriber.Handler);
        }
        finally
        {
            places.Release();
        }
    }

    async Task<Setback?> SetbackAsync(Delivery delivery, CancellationToken stop)
    {
        try
        {
            using var scope = TenantScope.Enter(delivery.Context.Tenant);
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

    async Task SettleAsync(Delivery delivery, Setback? setback, CancellationToken stop)
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

    [LoggerMessage(LogLevel.Warning, "Taking deliveries for {Plugin} {Handler} failed and will be tried again")]
    static partial void TakingFailed(ILogger log, Exception cause, string plugin, string handler);

    [LoggerMessage(LogLevel.Warning, "The outcome of event {Event} at {Plugin} {Handler} could not be stored; it will be delivered again")]
    static partial void SettlingFailed(ILogger log, Exception cause, Guid @event, string plugin, string handler);

    [LoggerMessage(LogLevel.Warning,
        "Event {Event} could not be handled by {Plugin} {Handler}, attempt {Attempt}, and comes again: {Reason}")]
    static partial void Failed(
        ILogger log, Exception? cause, Guid @event, string plugin, string handler, int attempt, string reason);

    [LoggerMessage(LogLevel.Error, "Event {Event} was given up after attempt {Attempt} at {Plugin} {Handler}: {Reason}")]
    static partial void GivenUp(
        ILogger log, Exception? cause, Guid @event, string plugin, string handler, int attempt, string reason);
}
