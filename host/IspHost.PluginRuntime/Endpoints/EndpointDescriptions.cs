using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace IspHost.PluginRuntime;

/// <summary>Makes the API explorer look again after endpoints have changed: by itself it looks once, and keeps what it saw.</summary>
sealed class EndpointDescriptions(EndpointDataSource endpoints) : IActionDescriptorChangeProvider
{
    public IChangeToken GetChangeToken() => endpoints.GetChangeToken();
}
