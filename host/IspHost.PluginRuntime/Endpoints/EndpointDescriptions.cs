using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace IspHost.PluginRuntime;

/// <summary>Makes the API explorer look again after endpoints have changed: by itself it looks once, and keeps what it saw.</summary>
/// <param name="all">
/// The endpoints of the whole server, not the plugins' alone: routing begins with none, takes up its sources after plugins were loaded,
/// and tells of a change only when its own list has it.
/// </param>
sealed class EndpointDescriptions(EndpointDataSource all) : IActionDescriptorChangeProvider
{
    public IChangeToken GetChangeToken() => all.GetChangeToken();
}
