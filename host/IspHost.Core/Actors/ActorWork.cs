using System.Collections.Concurrent;
using IspHost.Core.Tenancy;
using IspHost.Core.Work;

namespace IspHost.Core.Actors;

/// <summary>Wakes actors whose time has come: the turn is the grain's, wherever in the cluster it is.</summary>
sealed class ActorWork(ActorMessages messages, IPluginWork plugins, ActorOptions options) : IDueWork
{
    const string Kind = "actor";

    readonly ConcurrentDictionary<Lane, Places> places = new();

    public IEnumerable<(Lane Lane, Places Places)> Lanes
        => plugins.ActorTypes.Select(type => new Lane(Kind, type.Plugin, type.Name))
            .Select(lane => (lane, places.GetOrAdd(lane, _ => new Places(options.AtOnce))));

    public Task<bool> DoAsync(DueItem item, CancellationToken stop)
        => messages.WakeAsync(new PluginKey(item.Tenant, item.Lane.Plugin, item.Lane.Name, item.Id), stop);
}
