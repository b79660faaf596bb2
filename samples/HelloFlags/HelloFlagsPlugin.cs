using IspHost.Sdk;
using IspHost.Sdk.Flags;

namespace HelloFlags;

/// <summary>Offers the flag filter <c>tenant-country</c>.</summary>
public sealed class HelloFlagsPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin) => plugin.AddExtension<IFlagFilter, TenantCountry>("tenant-country");
}
