using IspHost.Sdk.Actors;

namespace IspHost.PluginRuntime;

sealed class ActorProxy(Slot<IActor> slot) : IActor
{
    public async ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken)
        => await slot.CallAsync(
            actor.Tenant,
            static (type, turn, stop) => type.ReceiveAsync(turn.actor, turn.message, stop),
            (actor, message),
            cancellationToken);
}
