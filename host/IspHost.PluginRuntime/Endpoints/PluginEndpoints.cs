using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace IspHost.PluginRuntime;

/// <summary>The endpoints of all plugins. They come and go while the server runs.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Routing would dispose it before the plugins are taken away.")]
sealed class PluginEndpoints : EndpointDataSource
{
    readonly Lock gate = new();
    readonly Dictionary<string, Endpoint[]> byPlugin = [];
    readonly Dictionary<string, Endpoint[]> claimed = [];
    IEnumerable<EndpointDataSource> host = [];
    Endpoint[]? routesOfHost;
    volatile IReadOnlyList<Endpoint> all = [];
    CancellationTokenSource changing = new();
    IChangeToken token;
    volatile bool silent;

    public PluginEndpoints() => token = new CancellationChangeToken(changing.Token);

    public override IReadOnlyList<Endpoint> Endpoints => all;

    public override IChangeToken GetChangeToken() => Volatile.Read(ref token);

    /// <summary>Tells nobody any more: the server is going, and routing with it.</summary>
    public void FallSilent() => silent = true;

    public Endpoint[] Of(string plugin)
    {
        lock (gate)
            return byPlugin.GetValueOrDefault(plugin, []);
    }

    /// <summary>Keeps plugins from the routes of these sources, which are the host's, or this one.</summary>
    public void Spare(IEnumerable<EndpointDataSource> sources) => host = sources;

    /// <summary>Reserves routes for a plugin, before it is current. <see cref="Set"/> ends the reservation.</summary>
    /// <exception cref="PluginLoadException">
    /// A request could mean a route of the host, or of another plugin, as well; or an endpoint has a name that another one has.
    /// </exception>
    public void Claim(string plugin, Endpoint[] wanted)
    {
        lock (gate)
        {
            // Asked once: what the host maps is there before the first plugin, and making it anew each time is slow.
            routesOfHost ??= [.. host.Where(source => source != this).SelectMany(source => source.Endpoints)];
            Refuse(plugin, wanted, routesOfHost, "the host");
            var others = byPlugin.Concat(claimed);
            foreach (var (other, endpoints) in others.Where(other => other.Key != plugin))
                Refuse(plugin, wanted, endpoints, $"plugin {other}");
            claimed[plugin] = wanted;
        }
    }

    /// <summary>Puts these in the place of the plugin's endpoints.</summary>
    /// <remarks>
    /// The list and the next token are published before the old token fires: whoever is told comes back at once for both.
    /// </remarks>
    public void Set(string plugin, Endpoint[] routed) => Change(() =>
    {
        claimed.Remove(plugin);
        byPlugin[plugin] = routed;
        if (routed.Length == 0)
            byPlugin.Remove(plugin);
    });

    /// <summary>Has everybody look again, though nothing has changed.</summary>
    /// <remarks>
    /// A request that was routed before a change and authorized after it puts the endpoint that is gone back into the cache of
    /// policies, where it would stay until the next change.
    /// </remarks>
    public void Refresh() => Change(() => { });

    static void Refuse(string plugin, Endpoint[] wanted, Endpoint[] taken, string owner)
    {
        var routes = taken.OfType<RouteEndpoint>().Select(RouteShape.Of).ToLookup(route => route.Path);
        foreach (var route in wanted.OfType<RouteEndpoint>().Select(RouteShape.Of))
        {
            if (routes[route.Path].Any(route.MeetsMethodsOf))
                throw PluginRefusal.Taken.Of(plugin, $"the endpoint {route} is one of {owner} already");
        }
        var names = taken.Select(NameOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (wanted.Select(NameOf).OfType<string>().FirstOrDefault(names.Contains) is { } name)
            throw PluginRefusal.Taken.Of(plugin, $"an endpoint of {owner} has the name {name} already");
    }

    static string? NameOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;

    void Change(Action change)
    {
        CancellationTokenSource changed;
        lock (gate)
        {
            change();
            all = [.. byPlugin.Values.SelectMany(ofPlugin => ofPlugin)];
            changed = changing;
            changing = new CancellationTokenSource();
            Volatile.Write(ref token, new CancellationChangeToken(changing.Token));
        }

        if (!silent)
            changed.Cancel();
    }
}
