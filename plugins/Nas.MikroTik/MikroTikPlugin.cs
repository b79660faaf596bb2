using IspHost.Sdk;
using IspHost.Sdk.Nas;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Plugins.Nas.MikroTik;

/// <summary>Speaks RouterOS's dialect of RADIUS.</summary>
public sealed class MikroTikPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        var standard = new AddressLists();
        plugin.Services.AddSingleton(new AddressLists
        {
            Online = plugin.Settings["OnlineList"] ?? standard.Online,
            WalledGarden = plugin.Settings["WalledGardenList"] ?? standard.WalledGarden,
        }.Checked());
        plugin.AddExtension<INasVendor, RouterOs>("mikrotik");
    }
}
