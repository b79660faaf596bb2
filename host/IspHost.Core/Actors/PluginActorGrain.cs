using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk.Actors;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Placement;

namespace IspHost.Core.Actors;

/// <summary>Gives an actor of a plugin its turns, one at a time. Keyed tenant/plugin/type/id.</summary>
interface IPluginActorGrain : IGrainWithStringKey
{
    /// <summary>Has one message handled.</summary>
    Task<Envelope?> Receive(Envelope message, CancellationToken cancellationToken);

    /// <summary>Has the message handled that the actor has sent itself, if its time has come.</summary>
    /// <returns>False if there is none.</returns>
    Task<bool> Wake(CancellationToken cancellationToken);
}

/// <remarks>
/// The row is the truth and memory a copy of it. During a network split two of this grain may run: the one that stores second finds
/// the row changed, reads it and repeats its turn. It comes to life where its caller is, by the hint that comes with the call, since
/// who calls has the plugin; from a node that has lost the plugin it moves there, and the caller calls again. Preferring the local node
/// would not do: that way of placement heeds no hint.
/// </remarks>
[RandomPlacement]
sealed partial class PluginActorGrain(ActorRows rows, IPluginWork plugins, ActorOptions options, ILogger<PluginActorGrain> log)
    : Grain, IPluginActorGrain, ITenantBound
{
    const int MostConflicts = 5;

    ActorRow? row;
    bool isRead;

    PluginKey Actor => PluginKey.Of(this.GetGrainId());

    public Task<Envelope?> Receive(Envelope message, CancellationToken cancellationToken) => TurnAsync(message, cancellationToken);

    public async Task<bool> Wake(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        if (row?.Due is not { } due)
            return false;
        try
        {
            await TurnAsync(message: null, cancellationToken);
        }
        catch (Exception cause) // The boundary to the plugin and the database. What failed is tried again.
            when (cause is not ActorMisplacedException && !cancellationToken.IsCancellationRequested)
        {
            Failed(log, cause, Actor);
            await PutOffAsync(due, cause);
        }
        return true;
    }

    /// <param name="message">The message; null for the one that the actor has sent itself, if it is still due.</param>
    /// <param name="stop">Ends the turn.</param>
    async Task<Envelope?> TurnAsync(Envelope? message, CancellationToken stop)
    {
        for (var conflicts = 0; conflicts < MostConflicts; conflicts++)
        {
            if (!isRead)
                await ReadAsync(stop);
            if ((message ?? row?.Due?.Message) is not { } handled)
                return null;

            var turn = Envelopes.Taken(await Here().ReceiveAsync(
                new ActorContext { Tenant = Actor.Tenant, Id = Actor.Id, State = row?.State }, handled, stop));
            if (await TryStoreAsync(turn, isWakeUp: message is null, stop))
                return turn.Answer;
        }
        throw new InvalidOperationException($"Actor {Actor} was changed from elsewhere during each of {MostConflicts} turns.");
    }

    IActor Here()
    {
        if (plugins.FindActor(Actor.Plugin, Actor.Name) is { } here)
            return here;
        MigrateOnIdle(); // Where it is put is the hint's to say, and not this node's, to which others would go on sending.
        throw new ActorMisplacedException(Actor);
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
            return Stored(await rows.AddAsync(Actor, state, wake, stop), state);
        if (wake is not null || isWakeUp)
            return Stored(await rows.ChangeAsync(Actor, row.Etag, state, wake, stop), state);
        return Envelopes.AreEqual(row.State, state)
            ? (await rows.IsUnchangedAsync(Actor, row.Etag, stop), row)
            : Stored(await rows.ChangeAsync(Actor, row.Etag, state, stop), state);
    }

    static (bool, ActorRow?) Stored(long? etag, Envelope state)
        => etag is { } known ? (true, new ActorRow(known, state, Due: null)) : (false, null);

    static WakeUp AtLeastASecond(WakeUp wake) => wake with { After = Duration.Max(wake.After, Duration.FromSeconds(1)) };

    async Task ReadAsync(CancellationToken stop)
    {
        row = await rows.FindAsync(Actor, stop);
        isRead = true;
    }

    async Task PutOffAsync(DueWakeUp due, Exception cause)
    {
        isRead = false;
        if (row is { } known)
            await rows.PutOffAsync(Actor, known.Etag, options.Retry.After(due.Failures + 1), cause.Message, CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Warning, "A wake-up of actor {Actor} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, PluginKey actor);
}
