using IspHost.Core.Cluster;
using IspHost.Core.Subscribers;
using IspHost.Core.Tenants;
using IspHost.PluginRuntime;
using IspHost.Sdk.Panels;
using IspHost.Sdk.Tenants;
using NodaTime;

namespace IspHost.Server.Pages;

/// <summary>Reads what the status page shows.</summary>
sealed class StatusReader(
    PluginHost plugins, TenantDirectory tenants, SubscriberDirectory subscribers, ClusterNodes nodes, ILogger<StatusReader> log)
{
    public async Task<NodeStatus> ReadAsync(CancellationToken cancellationToken)
    {
        var panels = new List<Panel>();
        foreach (var panel in plugins.Panels)
        {
            try
            {
                panels.Add(await panel.Target.ReadAsync(cancellationToken));
            }
            catch (Exception cause) when (cause is ExtensionFailedException or TimeoutException or Sdk.ExtensionUnavailableException)
            {
                log.LogWarning("The panel {Panel} of {Plugin} cannot be shown: {Cause}", panel.Name, panel.Plugin, cause.Message);
            }
        }
        TenantStatus StatusOf(Tenant tenant) => new(tenant, subscribers.Count(tenant.Id), tenants.Now(tenant.Id).InZone(tenant.Zone));
        return new NodeStatus(
            await nodes.ListAsync(cancellationToken),
            plugins.Status,
            plugins.Listeners,
            [.. tenants.All.Select(StatusOf)],
            panels);
    }
}

/// <summary>What the status page shows.</summary>
public sealed record NodeStatus(
    IReadOnlyList<ClusterNode> Nodes, IReadOnlyList<PluginStatus> Plugins, IReadOnlyList<ListenerStatus> Listeners,
    IReadOnlyList<TenantStatus> Tenants, IReadOnlyList<Panel> Panels);

/// <summary>A tenant on the status page.</summary>
public sealed record TenantStatus(Tenant Tenant, int Subscribers, ZonedDateTime Now);
