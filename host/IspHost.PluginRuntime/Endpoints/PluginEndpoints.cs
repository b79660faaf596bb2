using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace IspHost.PluginRuntime;

/// <summary>The endpoints of all plugins. They come and go while the server runs.</summary>
sealed class PluginEndpoints : EndpointDataSource, IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<string, Endpoint[]> byPlugin = [];
    volatile IReadOnlyList<Endpoint> all = [];
    CancellationTokenSource changing = new();
    IChangeToken token;

    public PluginEndpoints() => token = new CancellationChangeToken(changing.Token);

    public override IReadOnlyList<Endpoint> Endpoints => all;

    public override IChangeToken GetChangeToken() => Volatile.Read(ref token);

    public void Dispose() => changing.Dispose();

    public Endpoint[] Of(string plugin)
    {
        lock (gate)
            return byPlugin.GetValueOrDefault(plugin, []);
    }

    /// <summary>Puts these in the place of the plugin's endpoints.</summary>
    /// <remarks>
    /// The list and the next token are published before the old token fires: whoever is told comes back at once for both.
    /// </remarks>
    public void Set(string plugin, Endpoint[] endpoints)
    {
        CancellationTokenSource changed;
        lock (gate)
        {
            byPlugin[plugin] = endpoints;
            if (endpoints.Length == 0)
                byPlugin.Remove(plugin);
            all = [.. byPlugin.Values.SelectMany(ofPlugin => ofPlugin)];
            changed = changing;
            changing = new CancellationTokenSource();
            Volatile.Write(ref token, new CancellationChangeToken(changing.Token));
        }

        changed.Cancel();
        changed.Dispose();
    }
}
