using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Actors;
using Orleans.Runtime.Placement;

namespace IspHost.Core.Actors;

/// <summary>Carries messages to the plugins' actors, wherever in the cluster they are.</summary>
public sealed class ActorMessages
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    readonly IGrainFactory grains;
    readonly ILocalSiloDetails node;
    readonly IPluginWork plugins;
    readonly TimeProvider time;

    internal ActorMessages(IGrainFactory grains, ILocalSiloDetails node, IPluginWork plugins, TimeProvider time)
        => (this.grains, this.node, this.plugins, this.time) = (grains, node, plugins, time);

    /// <summary>The host service for one plugin.</summary>
    /// <param name="plugin">The plugin's id.</param>
    public IActors For(string plugin) => new PluginActors(plugin, this);

    internal Task<Envelope?> SendAsync(PluginKey actor, Envelope message, CancellationToken cancellationToken)
    {
        Check(actor, message);
        return CallAsync(actor, grain => grain.Receive(message, cancellationToken), cancellationToken);
    }

    internal Task<bool> WakeAsync(PluginKey actor, CancellationToken cancellationToken)
        => CallAsync(actor, grain => grain.Wake(cancellationToken), cancellationToken);

    async Task<TResult> CallAsync<TResult>(
        PluginKey actor, Func<IPluginActorGrain, Task<TResult>> call, CancellationToken cancellationToken)
    {
        using var scope = TenantScope.Enter(actor.Tenant);
        // Whoever calls has the plugin. The hint is heeded where the actor comes to life, and where it moves to.
        RequestContext.Set(IPlacementDirector.PlacementHintKey, node.SiloAddress);
        var grain = grains.GetGrain<IPluginActorGrain>(actor.ToString());
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await call(grain);
            }
            catch (Exception cause) // It went to a node that is gone or lacks the plugin, and was not handled.
                when (cause is OrleansMessageRejectionException or ActorMisplacedException && time.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
            catch (Exception cause)
                when (cause is SiloUnavailableException or OrleansMessageRejectionException or ActorMisplacedException)
            {
                throw new TimeoutException($"The node of actor {actor} is gone; the message may or may not have been handled.", cause);
            }
        }
    }

    void Check(PluginKey actor, Envelope message)
    {
        if (plugins.FindActor(actor.Plugin, actor.Name) is null)
            throw new ArgumentException($"Plugin {actor.Plugin} has no actor '{actor.Name}'.");
        if (actor.Id.Length is < 1 or > 200)
            throw new ArgumentException("The id of an actor has 1 to 200 characters.");
        Envelopes.Check(message, "A message");
    }

    sealed class PluginActors(string plugin, ActorMessages messages) : IActors
    {
        public Task<Envelope?> SendAsync(TenantId tenant, string type, string id, Envelope message, CancellationToken cancellationToken)
            => messages.SendAsync(new PluginKey(tenant, plugin, type, id), message, cancellationToken);
    }
}
