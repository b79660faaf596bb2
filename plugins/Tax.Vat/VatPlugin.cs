using IspHost.Sdk;
using IspHost.Sdk.Taxes;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Plugins.Tax.Vat;

/// <summary>Offers the tax extension <c>vat</c>.</summary>
public sealed class VatPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton(VatTable.Read());
        plugin.AddExtension<ITaxEngine, VatEngine>("vat");
    }
}
