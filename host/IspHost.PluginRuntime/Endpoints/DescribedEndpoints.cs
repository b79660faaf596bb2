using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace IspHost.PluginRuntime;

/// <summary>A plugin's endpoints as it has mapped them, in its own container, for whoever describes them while it is loaded.</summary>
sealed class DescribedEndpoints : EndpointDataSource
{
    Endpoint[] all = [];

    public override IReadOnlyList<Endpoint> Endpoints => all;

    public override IChangeToken GetChangeToken() => NullChangeToken.Singleton;

    public void Add(IEnumerable<Endpoint> endpoints) => all = [.. endpoints];
}
