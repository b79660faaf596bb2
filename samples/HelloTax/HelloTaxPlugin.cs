using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Taxes;
using Microsoft.Extensions.DependencyInjection;

namespace HelloTax;

// begin plugin
/// <summary>Offers the tax extension <c>hello-tax</c>: one rate, from the setting <c>Percent</c>, on everything.</summary>
public sealed class HelloTaxPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        var percent = decimal.Parse(plugin.Settings["Percent"] ?? "20", CultureInfo.InvariantCulture);
        plugin.Services.AddSingleton(new FlatTax(percent));
        plugin.AddExtension<ITaxEngine, FlatTax>("hello-tax");
    }
}
// end plugin
