using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk.Actors;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Concurrency;

namespace IspHost.Core.Actors;

/// <summary>Gives an actor of a plugin its turns, one at a time. Keyed tenant/plugin/type/id.</summary>
interface IPluginActorGrain : IGrainWithStringKey
{
    /// <summary>Has one message handled.</summary>
    Task<Envelope?> Receive(Envelope message, CancellationToken cancellationToken);

    /// <summary>Looks whether a wake-up is due. Harmless at any time.</summary>
    [OneWay]
    Task Wake();
}

/// <remarks>
/// The row is the truth and memory a copy of it. During a network split two of this grain may run: the one that stores second finds
/// the row changed, reads it and repeats its turn.
/// </remarks>
sealed partial class PluginActorGrain(
    ActorRows rows, IPluginWork plugins, ActorOptions options, TimeProvider time, ILogger<PluginActorGrain> log)
    : Grain, IPluginActorGrain, ITenantBound
{
    const int MostConflicts = 5;

    ActorRow? row;
    bool isRead;
    IGrainTimer? alarm;

    PluginKey Actor => PluginKey.Of(this.GetGrainId());

    public async Task<Envelope?> Receive(Envelope message, CancellationToken cancellationToken)
    {
        var answer = await TurnAsync(message, cancellationToken);
        SetAlarm();
        return answer;
    }

    public async Task Wake()
    {
        await ReadAsync(CancellationToken.None);
        SetAlarm();
    }

    /// <param name="message">The message; null for the one that the actor has sent itself, if it is still due.</param>
    /// <param name="stop">Ends the turn.</param>
    async Task<Envelope?> TurnAsync(Envelope? message, CancellationToken stop)
    {
        for (var conflicts = 0; conflicts < MostConflicts; conflicts++)
        {
            if (!isRead)
                await ReadAsync(stop);
            if ((message ?? Due()) is not { } handled)
                return null;

            var turn = Envelopes.Taken(await plugins.Actor(Actor.Plugin, Actor.Name).ReceiveAsync(
                new ActorContext { Tenant = Actor.Tenant, Id = Actor.Id, State = row?.State }, handled, stop));
            if (await TryStoreAsync(turn, isWakeUp: message is null, stop))
                return turn.Answer;
        }
        throw new InvalidOperationException($"Actor {Actor} was changed from elsewhere during each of {MostConflicts} turns.");
    }

    /// <summary>Until the database has answered, nobody knows whether the turn counts: the next one reads again.</summary>
    async Task<bool> TryStoreAsync(ActorTurn turn, bool isWakeUp, CancellationToken stop)
    {
        isRead = false;
        var (isStored, stored) = turn.State is { } state
            ? await StoreAsync(state, turn.WakeUp is { } wake ? AtLeastASecond(wake) : null, isWakeUp, stop)
            : (row is null ? await rows.IsUnchangedAsync(Actor, null, stop) : await rows.RemoveAsync(Actor, row.Etag, stop), null);
        if (isStored)
            (row, isRead) = (stored, true);
        return isStored;
    }

    async Task<(bool IsStored, ActorRow? Row)> StoreAsync(Envelope state, WakeUp? wake, bool isWakeUp, CancellationToken stop)
    {
        if (row is null)
            return Stored(await rows.AddAsync(Actor, state, wake, stop), state, Pending(wake));
        if (wake is not null || isWakeUp)
            return Stored(await rows.ChangeAsync(Actor, row.Etag, state, wake, stop), state, Pending(wake));
        return Envelopes.AreEqual(row.State, state)
            ? (await rows.IsUnchangedAsync(Actor, row.Etag, stop), row)
            : Stored(await rows.ChangeAsync(Actor, row.Etag, state, stop), state, row.WakeUp);
    }

    static (bool, ActorRow?) Stored(long? etag, Envelope state, PendingWakeUp? wake)
        => etag is { } known ? (true, new ActorRow(known, state, wake)) : (false, null);

    static WakeUp AtLeastASecond(WakeUp wake) => wake with { After = Duration.Max(wake.After, Duration.FromSeconds(1)) };

    PendingWakeUp? Pending(WakeUp? wake)
        => wake is null ? null : PendingWakeUp.In(wake.After.TotalSeconds, wake.Message, failures: 0, time);

    async Task ReadAsync(CancellationToken stop)
    {
        row = await rows.FindAsync(Actor, stop);
        isRead = true;
    }

    Envelope? Due() => row?.WakeUp is { } wake && wake.At <= time.GetTimestamp() ? wake.Message : null;

    /// <summary>The alarm's turn waits for its turn like any message's.</summary>
    void SetAlarm()
    {
        if (row?.WakeUp is not { } wake)
        {
            alarm?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        alarm ??= this.RegisterGrainTimer(RingAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        alarm.Change(In(wake), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Timers bear 49 days at most; a wake-up further away is set again when the alarm rings too early.</summary>
    TimeSpan In(PendingWakeUp wake)
    {
        var left = time.GetElapsedTime(time.GetTimestamp(), wake.At);
        return left < TimeSpan.Zero ? TimeSpan.Zero : left > TimeSpan.FromDays(40) ? TimeSpan.FromDays(40) : left;
    }

    async Task RingAsync(CancellationToken stop)
    {
        try
        {
            await TurnAsync(message: null, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return; // This node is stopping; another one takes over.
        }
        catch (Exception cause) // The boundary to the plugin and the database. What failed is tried again.
        {
            Failed(log, cause, Actor);
            await PutOffAsync(cause, stop);
        }
        SetAlarm();
    }

    async Task PutOffAsync(Exception cause, CancellationToken stop)
    {
        if (row?.WakeUp is not { } wake)
            return;

        var pause = options.Retry.After(wake.Failures + 1);
        var later = PendingWakeUp.In(pause.TotalSeconds, wake.Message, wake.Failures + 1, time);
        var etag = row.Etag;
        row = row with { WakeUp = later };
        try
        {
            await rows.PutOffAsync(Actor, etag, pause, cause.Message, stop);
        }
        catch (Exception second) // The database may be what failed; the log has both.
        {
            Failed(log, second, Actor);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A wake-up of actor {Actor} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, PluginKey actor);
}
