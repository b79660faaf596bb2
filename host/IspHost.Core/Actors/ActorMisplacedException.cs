using IspHost.Core.Tenancy;

namespace IspHost.Core.Actors;

/// <summary>The actor was on a node that lacks its plugin, and is leaving it. Nothing has happened: call again.</summary>
[GenerateSerializer]
sealed class ActorMisplacedException(PluginKey actor) : Exception($"Actor {actor} is on a node that lacks its plugin.");
