using IspHost.Sdk;
using IspHost.Sdk.Nas;
using Microsoft.Extensions.DependencyInjection;

namespace HelloNas;

/// <summary>Offers the NAS extension <c>hello-nas</c>, with the setting <c>WalledGarden</c>.</summary>
public sealed class HelloNasPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton(new WisprNas(plugin.Settings["WalledGarden"] ?? "http://portal.example/pay"));
        plugin.AddExtension<INasVendor, WisprNas>("hello-nas");
    }
}
